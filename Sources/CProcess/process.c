// What Swift reads from /proc, and so has not where that is not mounted: in a bare root, say.
#include "CProcess.h"

#include <stddef.h>

extern char **environ;

static char *nothing[] = {NULL};
static char **arguments = nothing;

// glibc gives these to everything that runs before main.
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
  if (count > 0 && words) arguments = words;
}

char *const *mtt_arguments(void) { return arguments; }

char *const *mtt_environment(void) { return environ ? environ : nothing; }
