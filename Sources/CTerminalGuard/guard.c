#define _GNU_SOURCE
#include "CTerminalGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// Everything the handler reads is written before it can run: descriptors and modes before `armed`, the log's before
// `captured`.
static struct termios saved_modes;
static int terminal_input = STDIN_FILENO;
static int terminal_output = STDOUT_FILENO;
static int real_stderr = -1;
static atomic_bool armed;
static atomic_bool captured;

static const int fatal_signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGQUIT};
enum { fatal_count = sizeof fatal_signals / sizeof *fatal_signals, tail_size = 4096 };
static struct sigaction previous[fatal_count];

static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

void terminal_guard_arm(bool in_use) { atomic_store(&armed, in_use); }

void terminal_guard_restore(void) {
  if (!atomic_exchange(&armed, false)) return;
  static const char bytes[] =
      "\033[?2026l"                                // end of a synchronized frame
      "\033[0m"                                    // plain text
      "\033[?1000l\033[?1002l\033[?1003l\033[?1006l"  // mouse off
      "\033[?1004l\033[?2004l"                     // focus reports and bracketed paste off
      "\033[?1l\033>"                              // cursor keys and keypad as usual
      "\033[?25h"                                  // cursor on
      "\033[?1049l\r";                             // main screen
  write_all(terminal_output, bytes, sizeof bytes - 1);
  tcsetattr(terminal_input, TCSANOW, &saved_modes);
  terminal_guard_release_stderr();
}

bool terminal_guard_capture_stderr(void) {
  if (atomic_load(&captured)) return true;
  char path[] = "/tmp/mtt-tui-XXXXXX";
  int log = mkostemp(path, O_APPEND | O_CLOEXEC);
  if (log < 0) return false;
  unlink(path);
  real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  if (real_stderr < 0) {
    close(log);
    return false;
  }
  dup2(log, STDERR_FILENO);
  close(log);
  atomic_store(&captured, true);
  return true;
}

void terminal_guard_release_stderr(void) {
  if (!atomic_exchange(&captured, false)) return;
  char tail[tail_size];
  off_t end = lseek(STDERR_FILENO, 0, SEEK_END);
  ssize_t count = end > 0 ? pread(STDERR_FILENO, tail, sizeof tail, end > tail_size ? end - tail_size : 0) : 0;
  if (count > 0) write_all(real_stderr, tail, (size_t)count);
  dup2(real_stderr, STDERR_FILENO);
  close(real_stderr);
}

static void handle_fatal_signal(int number, siginfo_t *info, void *context) {
  int saved_errno = errno;
  terminal_guard_restore();
  errno = saved_errno;
  for (int i = 0; i < fatal_count; i++) {
    if (fatal_signals[i] != number) continue;
    sigaction(number, &previous[i], NULL);
    if (previous[i].sa_flags & SA_SIGINFO && previous[i].sa_sigaction) {
      previous[i].sa_sigaction(number, info, context);  // the Swift backtracer
      // A fault repeats when we return and then meets the default action. A signal that was sent does not, so it is
      // sent again.
      if (info->si_code > 0) return;
      signal(number, SIG_DFL);
    }
  }
  raise(number);
}

bool terminal_guard_install(int input, int output) {
  static bool installed;
  if (tcgetattr(input, &saved_modes) != 0) return false;
  terminal_input = input;
  terminal_output = output;
  if (installed) return true;
  installed = true;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < fatal_count; i++) sigaction(fatal_signals[i], &action, &previous[i]);
  atexit(terminal_guard_restore);
  return true;
}
