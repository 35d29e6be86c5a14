// What does a process use of its machine?
import { readdirSync } from 'node:fs';
import type { MetricRegistry } from './registry.ts';

/**
 * Adds CPU time, memory, descriptors and start of this process. The client's own set brings two dozen more, and measures
 * the event loop a hundred times a second.
 */
export function addProcessMetrics(registry: MetricRegistry): void {
  const one = (value: number) => [{ labels: {}, value }];
  const startedAtSeconds = Math.round(Date.now() / 1_000 - process.uptime());
  registry.read('process_cpu_seconds_total', () => {
    const { user, system } = process.cpuUsage();
    return one((user + system) / 1e6);
  });
  registry.read('process_resident_memory_bytes', () => one(process.memoryUsage.rss()));
  // Without the one that lists them.
  registry.read('process_open_fds', () => one(readdirSync('/proc/self/fd').length - 1));
  registry.read('process_start_time_seconds', () => one(startedAtSeconds));
  registry.read('nodejs_heap_size_used_bytes', () => one(process.memoryUsage().heapUsed));
}
