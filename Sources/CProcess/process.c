// What Swift reads from /proc, and so has not where that is not mounted: in a bare root, say. And room to start at all.
#define _GNU_SOURCE
#include "CProcess.h"

#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

static char *nothing[] = {NULL};
static char **arguments = nothing;

// glibc gives these to everything that runs before main.
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
  if (count > 0 && words) arguments = words;
}

enum { least_stack = 256 << 10, usual_stack = 8 << 20 };

// With less stack than this Swift's runtime ends before main, without a word. The first thread's stack grows as far as
// the limit of the moment; that of others has been taken from the limit at the start.
__attribute__((constructor)) static void raise_stack_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= least_stack) return;
  limit.rlim_cur = usual_stack;
  if (limit.rlim_max < usual_stack) limit.rlim_max = usual_stack;  // which only root may
  if (setrlimit(RLIMIT_STACK, &limit) != 0 && getrlimit(RLIMIT_STACK, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max < least_stack || setrlimit(RLIMIT_STACK, &limit) != 0) {
      static const char sentence[] =
          "mtt-tui: The stack may have less than the 256 KiB that are needed: raise the limit (ulimit -s).\n";
      ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
      (void)written;
      _exit(70);
    }
  }
  pthread_attr_t attributes;
  if (pthread_getattr_default_np(&attributes) != 0) return;
  if (pthread_attr_setstacksize(&attributes, limit.rlim_cur) == 0) pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

char *const *mtt_arguments(void) { return arguments; }

char *const *mtt_environment(void) { return environ ? environ : nothing; }

void mtt_return_freed_memory(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
