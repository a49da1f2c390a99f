#define _GNU_SOURCE
#include "CTerminalGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

// Everything the handler reads is written before it can run: descriptors, modes and what to send before `armed`, the log's
// before `captured`. The farewell is one of two buffers, swapped at once.
static struct termios saved_modes;
static int terminal_input = STDIN_FILENO;
static int terminal_output = STDOUT_FILENO;
static int real_stderr = -1;
static atomic_bool armed;
static atomic_bool captured;

enum { tail_size = 4096, stack_size = 64 << 10 };
static char leaving[256] = "\033[?1049l";
static char farewells[2][1024];
static const char *_Atomic farewell;

// Faults and the other signals whose default is to end the process. SIGINT, SIGTERM, SIGHUP and SIGUSR1 are the session's.
static const int fatal_signals[] = {
    SIGILL,  SIGTRAP, SIGABRT, SIGSEGV, SIGBUS,    SIGFPE,  SIGQUIT, SIGSYS,    SIGXCPU,
    SIGXFSZ, SIGUSR2, SIGALRM, SIGPROF, SIGVTALRM, SIGPOLL, SIGPWR,  SIGSTKFLT,
};
enum { fatal_count = sizeof fatal_signals / sizeof *fatal_signals };
static struct sigaction previous[fatal_count];

static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    struct pollfd state = {.fd = descriptor, .events = POLLOUT};
    if (poll(&state, 1, 1000) == 0) return;  // the terminal takes nothing, as after Ctrl-S
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

static void copy_text(char *to, const char *from, size_t size) {
  size_t length = strnlen(from, size - 1);
  memcpy(to, from, length);
  to[length] = 0;
}

void terminal_guard_set_leaving(const char *bytes) { copy_text(leaving, bytes, sizeof leaving); }

void terminal_guard_set_farewell(const char *sentence) {
  static int next;
  if (!sentence) return atomic_store(&farewell, NULL);
  next = !next;
  copy_text(farewells[next], sentence, sizeof *farewells);
  atomic_store(&farewell, farewells[next]);
}

void terminal_guard_cover_thread(void) {
  static _Thread_local char stack[stack_size];
  static _Thread_local bool is_covered;
  if (is_covered) return;
  is_covered = true;
  stack_t present;
  if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return;
  stack_t mine = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&mine, NULL);
}

int terminal_guard_temporary_file(void) {
  int file = memfd_create("mtt-tui", MFD_CLOEXEC);
  if (file >= 0) return file;
  const char *folder = getenv("TMPDIR");
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/mtt-tui-XXXXXX", folder && *folder ? folder : "/tmp");
  if (length < 0 || length >= (int)sizeof path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  file = mkostemp(path, O_CLOEXEC);
  if (file >= 0) unlink(path);
  return file;
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
      "\033[?25h";                                 // cursor on
  write_all(terminal_output, bytes, sizeof bytes - 1);
  write_all(terminal_output, leaving, strlen(leaving));  // main screen, title
  write_all(terminal_output, "\r", 1);
  tcsetattr(terminal_input, TCSANOW, &saved_modes);
  terminal_guard_release_stderr();
}

bool terminal_guard_capture_stderr(void) {
  if (atomic_load(&captured)) return true;
  int log = terminal_guard_temporary_file();
  if (log < 0) return false;
  fcntl(log, F_SETFL, O_APPEND);
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
  bool was_armed = atomic_load(&armed);
  terminal_guard_restore();
  const char *sentence = atomic_load(&farewell);
  if (was_armed && sentence) write_all(STDERR_FILENO, sentence, strlen(sentence));
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
  terminal_guard_cover_thread();
  if (installed) return true;
  installed = true;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < fatal_count; i++) {
    // What is ignored does not end the process: as a background job's SIGQUIT.
    if (sigaction(fatal_signals[i], NULL, &previous[i]) != 0 || previous[i].sa_handler == SIG_IGN) continue;
    sigaction(fatal_signals[i], &action, NULL);
  }
  atexit(terminal_guard_restore);
  return true;
}
