#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzpkg and vztmpl-dl: old commands on the templates of the node and on the package manager of a VPS.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# --- a folder of recipes and one of templates, of our own: what is built takes no time and no network
recipes=$scratch/recipes
mkdir -p "$recipes/family" "$scratch/template"
sed -i "s|^TEMPLATE=.*|TEMPLATE=\"$scratch/template\"|" "$VZ_CONF"
cp -a "$VZ_TEST_TEMPLATES/$tmpl" "$scratch/template/"
recipe() { # NAME FAMILY
	jq --arg n "$1" --arg f "$2" '.name = $n | .family = $f' "$VZ_TEST_PREFIX/share/mainvz/templates/$tmpl.json" \
		> "$recipes/$1.json"
}
for n in good-1-x86_64 good-2-x86_64 "$tmpl"; do recipe "$n" good; done
recipe bad-1-x86_64 bad
cat > "$recipes/family/good.sh" << 'END'
mkdir -p "$1/sbin" && echo "$VZ_MARK" > "$1/mark" && install -m 755 /bin/true "$1/sbin/init"
printf 'one 1.0\ntwo 2.0\n' > "$VZ_PACKAGE_LIST"
END
echo 'echo "E: nothing works today"; exit 1' > "$recipes/family/bad.sh"
have 101 --name web
with() { "$@" --recipes "$recipes"; }

is "$(with vzpkg list -q)" $'bad-1-x86_64\ngood-1-x86_64\ngood-2-x86_64\n'$tmpl "list has recipes and templates"
like "$(with vzpkg list -O | grep ^tiny)" "^$tmpl +[0-9-]{10} [0-9:]{8}\$" "what is built with date and time"
is "$(with vzpkg list -O | grep ^good-1)" good-1-x86_64 "what is not built without"
is "$(with vzpkg list -c -q)" "$tmpl" "-c: only what is built"
is "$(with vzpkg list -A)" "" "there are no application templates"
code 0 "create cache builds" with vzpkg create cache good-1-x86_64 -q
is "$out$err" "" "-q: without a word"
is "$(jq -r .name "$scratch/template/good-1-x86_64/manifest.json")" good-1-x86_64 "a template"
refused 29 "there is a cache already" "once" with vzpkg create cache good-1-x86_64
refused 24 "nosuch" "not without a recipe" with vzpkg create cache nosuch
refused 1 "nothing works today" "a build that fails is 1" with vzpkg create cache bad-1-x86_64 -q
is "$(with vzpkg list good-1-x86_64)" $'one 1.0\ntwo 2.0' "list of a template has its packages"
is "$(with vzpkg info good-1-x86_64 name -q)" good-1-x86_64 "info has parameters"
like "$(with vzpkg info good-1-x86_64)" '^version: ' "all of them"
refused 35 "unknown parameter" "no other" with vzpkg info good-1-x86_64 frob
refused 23 "good-2" "info of what is not built is 23" with vzpkg info good-2-x86_64
refused 24 "nosuch" "and of what there is not 24" with vzpkg info nosuch
was=$(stat -c %i "$scratch/template/good-1-x86_64/root")
code 0 "update cache builds anew" with vzpkg update cache good-1-x86_64
unlike "$(stat -c %i "$scratch/template/good-1-x86_64/root")" "^$was\$" "another tree"
is "$(find "$scratch/template" -mindepth 1 -maxdepth 1 -name '.*')" "" "and nothing of the old one is left"
ok "which is whole" vztmpl verify good-1-x86_64
was=$(stat -c %i "$scratch/template/$tmpl/root")
refused 21 "in use" "not under a VPS" with vzpkg update cache "$tmpl" -q
is "$(stat -c %i "$scratch/template/$tmpl/root")" "$was" "which keeps its tree"
refused 21 "in use" "remove cache, too" with vzpkg remove cache "$tmpl"
echo 'echo "E: nothing works today"; exit 1' > "$recipes/family/good.sh"
was=$(stat -c %i "$scratch/template/good-1-x86_64/root")
refused 1 "nothing works" "an update that fails" with vzpkg update cache good-1-x86_64 -q
is "$(stat -c %i "$scratch/template/good-1-x86_64/root")" "$was" "leaves the old one"
refused 35 "which template" "remove cache without a name does nothing" with vzpkg remove cache
code 0 "with one it removes" with vzpkg remove cache good-1-x86_64
refused 23 "no cache" "once" with vzpkg remove cache good-1-x86_64
for c in fetch link 'update metadata' 'list appcache'; do
	code 0 "$c succeeds: there is nothing to do" vzpkg $c
done
for c in '72 create image' '24 create appcache' '24 upgrade 101' '2 localinstall 101'; do
	refused "${c%% *}" "not there" "${c#* } is refused with ${c%% *}" vzpkg ${c#* }
done
refused 35 "unknown command" "an unknown command is 35" vzpkg frob
refused 35 "unknown command" "half a command, too" vzpkg create
refused 35 "unknown option" "an unknown option, too" vzpkg list --frob
refused 35 "a command" "and none at all" vzpkg
refused 9 "vz.conf" "without vz.conf 9" env VZ_CONF=/nosuch/vz.conf vzpkg list
code 10 "who is not root is told so" setpriv --reuid 65534 --regid 65534 --clear-groups "$VZ_TEST_PREFIX/sbin/vzpkg" list

# --- vztmpl-dl
is "$(with vztmpl-dl --list-local)" "$tmpl" "--list-local: what is built"
is "$(with vztmpl-dl --list-remote | wc -l)" 4 "--list-remote: what can be built"
rm "$recipes/good-2-x86_64.json" "$recipes/$tmpl.json"
is "$(with vztmpl-dl --list-orphans)" "$tmpl" "--list-orphans: what cannot be built anew"
is "$(with vztmpl-dl --list-all | sort | tr '\n' ' ')" "bad-1-x86_64 good-1-x86_64 $tmpl " "--list-all: both"
sed -i '1i mkdir -p "$1/sbin"; install -m 755 /bin/true "$1/sbin/init"; echo "one 1.0" > "$VZ_PACKAGE_LIST"; exit 0' \
	"$recipes/family/good.sh"
code 0 "a template is made" with vztmpl-dl good-1-x86_64
code 2 "one that is there is 2" with vztmpl-dl good-1-x86_64
was=$(stat -c %i "$scratch/template/good-1-x86_64/root")
code 0 "--update builds it anew" with vztmpl-dl --update good-1-x86_64
unlike "$(stat -c %i "$scratch/template/good-1-x86_64/root")" "^$was\$" "another tree"
echo 'UPDATE_TEMPLATE=yes' > "$node/download.conf"
code 0 "download.conf may say so, too" with vztmpl-dl good-1-x86_64
like "$(with vztmpl-dl --config)" '^UPDATE_TEMPLATE=yes$' "--config shows it"
code 2 "--no-update overrules it" with vztmpl-dl --no-update good-1-x86_64
rm "$node/download.conf"
code 0 "--update-all leaves orphans alone" with vztmpl-dl --update-all
refused 1 "nothing works" "a build that fails is 1" with vztmpl-dl bad-1-x86_64
refused 1 "nosuch" "one without a recipe, too" with vztmpl-dl nosuch
run with vztmpl-dl --ignore-errors --update bad-1-x86_64 good-1-x86_64
is "$rc" 1 "--ignore-errors: the failure is said"
like "$out" "good-1-x86_64.*built" "and the next one is built"
refused 3 "signature" "--no-gpg-check is refused" with vztmpl-dl --no-gpg-check good-1-x86_64
refused 3 "contradict" "so are contradictions" vztmpl-dl --update --no-update x
refused 3 "which template" "and nothing at all" vztmpl-dl
refused 3 "one thing" "and two things at once" vztmpl-dl --list-local x
with vzpkg remove cache good-1-x86_64 -q

# --- packages in a VPS, by a manager that says how it was called
is "$(vzpkg list web)" "$tmpl" "list of a VPS names its template"
refused 15 "not running" "packages of a VPS that is down: 15" vzpkg install web -p nginx
refused 16 "777" "of none at all: 16" vzpkg install 777 -p nginx
refused 16 "nobody" "also by name" vzpkg status nobody
manager() { # NAME SCRIPT
	local f
	f=$(upper 101 "/usr/local/bin/$1")
	printf '#!/bin/sh\n%s\n' "$2" > "$f"
	chmod 755 "$f"
}
started 101
refused 73 "no package manager" "without a package manager 73" vzpkg install web -p nginx
vzctl stop 101 --fast > /dev/null
manager apt-get 'echo "$*" >> /root/calls
case $* in *fails*) exit 100 ;; *-s*upgrade*) [ -e /root/new ] || exit 0; echo "Inst base [1] (2)" ;; esac
echo "env $DEBIAN_FRONTEND $HOME"'
manager dpkg-query 'printf "ii \tbash\tamd64\t5.2\nrc \tgone\tamd64\t1\nii \tzlib\tamd64\t1.3\n"'
started 101
calls() { in_ct 101 'cat /root/calls; rm -f /root/calls'; }
code 0 "install" vzpkg install web -p nginx php-fpm
is "$(calls)" $'-q update\n-q -y -o Dpkg::Options::=--force-confold install nginx php-fpm' "fetches lists, then installs"
like "$out" '^env noninteractive /root$' "asking nobody"
code 0 "-q" vzpkg install web -q -p nginx
is "$out$err" "" "says nothing"
calls > /dev/null
code 0 "-n" vzpkg remove -n 101 -p nginx
is "$(calls)" '-s -q -y remove nginx' "only simulates"
code 0 "update" vzpkg update web
like "$(calls)" 'with-new-pkgs upgrade$' "brings all up to date"
code 0 "update of one" vzpkg update web -p nginx
like "$(calls)" 'only-upgrade install nginx$' "brings that up to date"
code 0 "status of a VPS that is up to date" vzpkg status web
in_ct 101 'touch /root/new'
code 22 "and of one that is not" vzpkg status web
is "$out" "base [1] (2)" "has what is new"
is "$(vzpkg list web -p)" $'bash\tamd64\t5.2\nzlib\tamd64\t1.3' "list -p has what is installed"
calls > /dev/null
code 0 "clean" vzpkg clean web
is "$(calls)" clean "cleans"
refused 63 "apt-get" "a manager that fails is 63" vzpkg install web -q -p fails
refused 24 "application template" "words without -p were application templates" vzpkg install web mysql
refused 35 "groups" "groups are not known" vzpkg install web -g mail
for bad in -o '' '../x' "a b" 'a;reboot' '$(reboot)' $'a\nb'; do
	refused 35 "not the name|no package|unknown option|which" "'${bad//$'\n'/ }' is no package" vzpkg install web -p -- "$bad"
done
vzctl stop 101 --fast > /dev/null
rm -f "$(upper 101 /usr/local/bin/apt-get)"
manager dnf 'echo "dnf $*" >> /root/calls; case $* in *check-update*) exit 100 ;; *assumeno*) exit 1 ;; esac'
started 101
code 0 "dnf: install" vzpkg install web -p nginx
is "$(in_ct 101 'tail -n 2 /root/calls')" $'dnf -q makecache\ndnf -y install nginx' "dnf: by its own words"
code 0 "dnf: its no to a simulation is no failure" vzpkg install web -n -p nginx
code 22 "dnf: status" vzpkg status web

# --- the cache of packages
mkdir "$scratch/cache"
touch "$scratch/cache/"{a_1.deb,b_2.deb,keep}
export VZ_APT_CACHE=$scratch/cache
code 0 "clean -n" vzpkg clean -n
like "$out" '^2 packages would' "counts"
code 0 "clean" vzpkg clean
is "$(ls "$scratch/cache")" keep "removes packages and nothing else"
code 0 "clean -t has nothing to do" vzpkg clean -t
vzctl stop 101 --fast > /dev/null

# --- completion
offers() { # FUNCTION WORD...
	local d=$VZ_TEST_PREFIX/share
	[ -e "$d/bash-completion/completions/$2" ] || d=/usr/share
	bash -c '. "$1/bash-completion/completions/$3"; f=$2; shift 2; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); $f
		echo "${COMPREPLY[*]}"' bash "$d" "$@"
}
is "$(offers _vzpkg vzpkg cr)" create "completion knows the commands"
is "$(offers _vzpkg vzpkg create c)" cache "and what belongs to them"
is "$(offers _vzpkg vzpkg list --with)" --with-summary "the options"
is "$(offers _vztmpl_dl vztmpl-dl --list-o)" --list-orphans "of both tools"
is "$(offers _vzpkg vzpkg list tiny)" "$tmpl" "and the templates"
zoffers() { # WORD...: all that zsh would choose from
	local d=$VZ_TEST_PREFIX/share/zsh/site-functions
	[ -e "$d/_$1" ] || d=/usr/share/zsh/vendor-completions
	zsh -f -c 'compadd() { print -r -- ${(P)2} }; f=$1; shift; words=("$@"); CURRENT=$#; PREFIX=${words[-1]}; . $f' \
		zsh "$d/_$1" "$@"
}
is "$(zoffers vzpkg '')" "clean create info install list remove status update" "zsh knows the commands"
like " $(zoffers vzpkg create '') " ' cache ' "what belongs to them"
like " $(zoffers vzpkg list --) " ' --with-summary ' "the options"
like " $(zoffers vztmpl-dl --) " ' --list-orphans ' "of both tools"
like " $(zoffers vztmpl-dl '') " " $tmpl " "and the templates"
finish
