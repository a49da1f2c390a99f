#include "CCycles.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

int mtt_open_cycles(void) {
  struct perf_event_attr wanted = {
      .type = PERF_TYPE_HARDWARE,
      .size = sizeof wanted,
      .config = PERF_COUNT_HW_CPU_CYCLES,
      .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
      .inherit = 1,
      .exclude_kernel = 1,
      .exclude_hv = 1,
  };
  return (int)syscall(SYS_perf_event_open, &wanted, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

bool mtt_read_cycles(int file, uint64_t *cycles) {
  struct {
    uint64_t value, enabled, running;
  } found;
  if (read(file, &found, sizeof found) != sizeof found || found.enabled != found.running) return false;
  *cycles = found.value;
  return true;
}
