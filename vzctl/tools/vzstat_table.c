// SPDX-License-Identifier: GPL-2.0-or-later
/* vzstat: the table of all figures. Columns, JSON and OpenMetrics are made of it. */
#include "vzstat_int.h"

static double known(uint64_t v, double scale)
{
	return v == UINT64_MAX ? -1 : (double)v / scale;
}

#define GET(name, expression)                                                                      \
	static double name(const struct look *l)                                                   \
	{                                                                                          \
		return expression;                                                                 \
	}
#define LIVE(name, member, scale)                                                                  \
	GET(name, l->running ? known(l->s.member, scale) : -1)
#define SUM(name, member, scale)  GET(name, known(l->u.member, scale))
#define HOST(name, member, scale) GET(name, known(l->node.member, scale))

GET(running, l->running)
GET(uptime, l->running ? l->s.uptime : -1)
GET(cpu_limit, l->running && l->s.cpu_limit ? (double)l->s.cpu_limit / 100 : -1)
GET(load1, l->node.load[0])
GET(load5, l->node.load[1])
GET(load15, l->node.load[2])
GET(vps, (double)l->vps)
GET(vps_running, (double)l->vps_running)
SUM(cpu, cpu_usec, 1e6)
SUM(ran, uptime_ms, 1e3)
SUM(io_read, io_read, 1)
SUM(io_write, io_write, 1)
SUM(io_reads, io_reads, 1)
SUM(io_writes, io_writes, 1)
SUM(refused, refused, 1)
SUM(oom_kills, oom_kills, 1)
SUM(mem_time, mem_kib_s, 1.0 / 1024)
SUM(limit_time, limit_kib_s, 1.0 / 1024)
LIVE(mem, mem, 1)
LIVE(mem_max, mem_max, 1)
LIVE(mem_peak, mem_peak, 1)
LIVE(swap, swap, 1)
LIVE(swap_max, swap_max, 1)
LIVE(tasks, tasks, 1)
LIVE(tasks_max, tasks_max, 1)
LIVE(net_in, net_in, 1)
LIVE(net_out, net_out, 1)
LIVE(weight, cpu_weight, 1)
LIVE(throttled, throttled_usec, 1e6)
LIVE(some_cpu, pressure.cpu, 1e4)
LIVE(some_mem, pressure.mem, 1e4)
LIVE(some_io, pressure.io, 1e4)
LIVE(full_cpu, full.cpu, 1e4)
LIVE(full_mem, full.mem, 1e4)
LIVE(full_io, full.io, 1e4)
LIVE(wait_cpu, stalled.cpu, 1e6)
LIVE(wait_mem, stalled.mem, 1e6)
LIVE(wait_io, stalled.io, 1e6)
HOST(cpus, cpus, 1)
HOST(busy, cpu_busy_usec, 1e6)
HOST(node_mem, mem, 1)
HOST(node_mem_free, mem_free, 1)
HOST(node_swap, swap, 1)
HOST(node_swap_free, swap_free, 1)
HOST(node_some_cpu, pressure.cpu, 1e4)
HOST(node_some_mem, pressure.mem, 1e4)
HOST(node_some_io, pressure.io, 1e4)
HOST(node_full_cpu, full.cpu, 1e4)
HOST(node_full_mem, full.mem, 1e4)
HOST(node_full_io, full.io, 1e4)
HOST(node_wait_cpu, stalled.cpu, 1e6)
HOST(node_wait_mem, stalled.mem, 1e6)
HOST(node_wait_io, stalled.io, 1e6)

#define PRESSURE "Share of the last ten seconds in which something (some) or everything (full) waited."
#define WAITED	 "Time in which something waited for a resource, since the start."
#define DISK	 "Read from and written to disks, over all starts."
#define DISK_OPS "Operations of disks, over all starts."

const struct metric vzstat_metrics[] = {
	{ NODE, "cpus", "cpus", GAUGE, "", "", "CPUS", "CPUs of the node.", 0, PLAIN, cpus },
	{ NODE, "cpu_seconds", "cpu_seconds", COUNTER, "seconds", "", "CPU", "CPU time of the node, all CPUs together.", 2, TIME, busy },
	{ NODE, "load1", "load", GAUGE, "", "minutes=\"1\"", "LOAD1", "Load average of the node.", 2, PLAIN, load1 },
	{ NODE, "load5", "load", GAUGE, "", "minutes=\"5\"", "LOAD5", "", 2, PLAIN, load5 },
	{ NODE, "load15", "load", GAUGE, "", "minutes=\"15\"", "LOAD15", "", 2, PLAIN, load15 },
	{ NODE, "memory", "memory_bytes", GAUGE, "bytes", "", "MEM", "Memory of the node.", 0, SIZE, node_mem },
	{ NODE, "memory_available", "memory_available_bytes", GAUGE, "bytes", "", "AVAIL", "Memory that can be had without swapping.", 0, SIZE, node_mem_free },
	{ NODE, "swap", "swap_bytes", GAUGE, "bytes", "", "SWAP", "Swap of the node.", 0, SIZE, node_swap },
	{ NODE, "swap_free", "swap_free_bytes", GAUGE, "bytes", "", "FREE", "Swap that is free.", 0, SIZE, node_swap_free },
	{ NODE, "pressure_cpu", "pressure_ratio", GAUGE, "ratio", "resource=\"cpu\",kind=\"some\"", "pCPU", PRESSURE, 4, PERCENT, node_some_cpu },
	{ NODE, "pressure_memory", "pressure_ratio", GAUGE, "ratio", "resource=\"memory\",kind=\"some\"", "pMEM", "", 4, PERCENT, node_some_mem },
	{ NODE, "pressure_io", "pressure_ratio", GAUGE, "ratio", "resource=\"io\",kind=\"some\"", "pIO", "", 4, PERCENT, node_some_io },
	{ NODE, "pressure_cpu_full", "pressure_ratio", GAUGE, "ratio", "resource=\"cpu\",kind=\"full\"", NULL, "", 4, PERCENT, node_full_cpu },
	{ NODE, "pressure_memory_full", "pressure_ratio", GAUGE, "ratio", "resource=\"memory\",kind=\"full\"", NULL, "", 4, PERCENT, node_full_mem },
	{ NODE, "pressure_io_full", "pressure_ratio", GAUGE, "ratio", "resource=\"io\",kind=\"full\"", NULL, "", 4, PERCENT, node_full_io },
	{ NODE, "waited_cpu_seconds", "waited_seconds", COUNTER, "seconds", "resource=\"cpu\"", NULL, WAITED, 6, TIME, node_wait_cpu },
	{ NODE, "waited_memory_seconds", "waited_seconds", COUNTER, "seconds", "resource=\"memory\"", NULL, "", 6, TIME, node_wait_mem },
	{ NODE, "waited_io_seconds", "waited_seconds", COUNTER, "seconds", "resource=\"io\"", NULL, "", 6, TIME, node_wait_io },
	{ NODE, "vps", "vps", GAUGE, "", "", "VPS", "VPSs that are configured.", 0, PLAIN, vps },
	{ NODE, "vps_running", "vps_running", GAUGE, "", "", "RUN", "VPSs that run.", 0, PLAIN, vps_running },

	{ VPS, "running", "running", GAUGE, "", "", NULL, "Whether the VPS runs.", 0, PLAIN, running },
	{ VPS, "cpu_seconds", "cpu_seconds", COUNTER, "seconds", "", "CPU", "CPU time, over all starts.", 6, TIME, cpu },
	{ VPS, "cpu_weight", "cpu_weight", GAUGE, "", "", NULL, "Weight of the VPS where CPUs are short.", 0, PLAIN, weight },
	{ VPS, "cpu_limit", "cpu_limit_cpus", GAUGE, "cpus", "", NULL, "CPUs that it may use at most.", 3, PLAIN, cpu_limit },
	{ VPS, "throttled_seconds", "throttled_seconds", COUNTER, "seconds", "", NULL, "Time for which its CPU limit held it back, since its start.", 6, TIME, throttled },
	{ VPS, "memory", "memory_bytes", GAUGE, "bytes", "", "MEM", "Memory in use, page cache included.", 0, SIZE, mem },
	{ VPS, "memory_limit", "memory_limit_bytes", GAUGE, "bytes", "", "LIMIT", "Memory that it may use.", 0, SIZE, mem_max },
	{ VPS, "memory_peak", "memory_peak_bytes", GAUGE, "bytes", "", "PEAK", "The most memory that it used since its start.", 0, SIZE, mem_peak },
	{ VPS, "memory_byte_seconds", "memory_used_byte_seconds", COUNTER, "byte_seconds", "", NULL, "Memory in use times seconds, over all starts; between looks it is estimated.", 0, PLAIN, mem_time },
	{ VPS, "memory_limit_byte_seconds", "memory_limit_byte_seconds", COUNTER, "byte_seconds", "", NULL, "Memory limit times seconds, over all starts.", 0, PLAIN, limit_time },
	{ VPS, "swap", "swap_bytes", GAUGE, "bytes", "", "SWAP", "Swap in use.", 0, SIZE, swap },
	{ VPS, "swap_limit", "swap_limit_bytes", GAUGE, "bytes", "", NULL, "Swap that it may use.", 0, SIZE, swap_max },
	{ VPS, "pressure_cpu", "pressure_ratio", GAUGE, "ratio", "resource=\"cpu\",kind=\"some\"", "pCPU", PRESSURE, 4, PERCENT, some_cpu },
	{ VPS, "pressure_memory", "pressure_ratio", GAUGE, "ratio", "resource=\"memory\",kind=\"some\"", "pMEM", "", 4, PERCENT, some_mem },
	{ VPS, "pressure_io", "pressure_ratio", GAUGE, "ratio", "resource=\"io\",kind=\"some\"", "pIO", "", 4, PERCENT, some_io },
	{ VPS, "pressure_cpu_full", "pressure_ratio", GAUGE, "ratio", "resource=\"cpu\",kind=\"full\"", NULL, "", 4, PERCENT, full_cpu },
	{ VPS, "pressure_memory_full", "pressure_ratio", GAUGE, "ratio", "resource=\"memory\",kind=\"full\"", NULL, "", 4, PERCENT, full_mem },
	{ VPS, "pressure_io_full", "pressure_ratio", GAUGE, "ratio", "resource=\"io\",kind=\"full\"", NULL, "", 4, PERCENT, full_io },
	{ VPS, "waited_cpu_seconds", "waited_seconds", COUNTER, "seconds", "resource=\"cpu\"", NULL, WAITED, 6, TIME, wait_cpu },
	{ VPS, "waited_memory_seconds", "waited_seconds", COUNTER, "seconds", "resource=\"memory\"", NULL, "", 6, TIME, wait_mem },
	{ VPS, "waited_io_seconds", "waited_seconds", COUNTER, "seconds", "resource=\"io\"", NULL, "", 6, TIME, wait_io },
	{ VPS, "io_read_bytes", "io_bytes", COUNTER, "bytes", "direction=\"read\"", "IO-R", DISK, 0, SIZE, io_read },
	{ VPS, "io_write_bytes", "io_bytes", COUNTER, "bytes", "direction=\"write\"", "IO-W", "", 0, SIZE, io_write },
	{ VPS, "io_reads", "io_operations", COUNTER, "operations", "direction=\"read\"", NULL, DISK_OPS, 0, PLAIN, io_reads },
	{ VPS, "io_writes", "io_operations", COUNTER, "operations", "direction=\"write\"", NULL, "", 0, PLAIN, io_writes },
	{ VPS, "net_in_bytes", "link_bytes", COUNTER, "bytes", "direction=\"in\"", "NETIN", "What its network devices carried since its start, as the VPS sees it.", 0, SIZE, net_in },
	{ VPS, "net_out_bytes", "link_bytes", COUNTER, "bytes", "direction=\"out\"", "NETOUT", "", 0, SIZE, net_out },
	{ VPS, "processes", "processes", GAUGE, "", "", "PROCS", "Processes and threads.", 0, PLAIN, tasks },
	{ VPS, "processes_limit", "processes_limit", GAUGE, "", "", NULL, "Processes and threads that it may have.", 0, PLAIN, tasks_max },
	{ VPS, "refused", "refused", COUNTER, "", "", "FAIL", "What limits refused: forks, memory, swap, over all starts.", 0, PLAIN, refused },
	{ VPS, "oom_kills", "oom_kills", COUNTER, "", "", "OOM", "Processes ended for want of memory, over all starts.", 0, PLAIN, oom_kills },
	{ VPS, "uptime", "uptime_seconds", GAUGE, "seconds", "", "UPTIME", "Time since its start.", 2, TIME, uptime },
	{ VPS, "running_seconds", "up_seconds", COUNTER, "seconds", "", NULL, "Time for which it ran, over all starts.", 3, TIME, ran },
};
const size_t vzstat_nmetrics = sizeof(vzstat_metrics) / sizeof(vzstat_metrics[0]);

double vzstat_rate(const struct metric *m, const struct look *now, const struct look *was)
{
	double a = m->get(now), b = was ? m->get(was) : -1;

	if (a < 0 || b < 0 || a < b || now->when <= was->when)
		return -1;
	return (a - b) / (now->when - was->when);
}
