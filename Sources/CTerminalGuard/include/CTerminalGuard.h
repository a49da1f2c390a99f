// Puts the terminal back as it was, however the process ends: a fault, abort(), exit(), any signal whose default ends it.
//
// While the screen is ours, standard error goes to a log, so that no message paints over it; when the guard restores the
// terminal, the log's end is shown where the user reads. One terminal a process; install and arm from one thread.
#ifndef CTERMINALGUARD_H
#define CTERMINALGUARD_H

#include <stdbool.h>

/// Remembers the modes of the terminal behind `input` and takes over the signals that end a process, those that are
/// ignored left out, and exit(). Call it before the modes are changed. The handlers that were there (the Swift
/// backtracer's, or the default) get the signal afterwards. False, with errno set, where `input` is no terminal. Calling it
/// again only replaces the descriptors and modes.
bool terminal_guard_install(int input, int output);

/// Gives the calling thread a stack of its own for signals, so that its overflow is caught too. Cheap to call again.
void terminal_guard_cover_thread(void);

/// What to send to leave the alternate screen, by the terminal's description; the usual sequence if this is never called.
void terminal_guard_set_leaving(const char *bytes);

/// A sentence for whoever sits there when a signal ends the process, such as where the run goes on; NULL for none.
void terminal_guard_set_farewell(const char *sentence);

/// Says whether the terminal is in use (alternate screen, raw keys, mouse) and so has to be put back.
void terminal_guard_arm(bool in_use);

/// Puts the terminal back if it is in use, and standard error with it. Async-signal-safe, idempotent. A terminal that takes
/// nothing for a second is given up.
void terminal_guard_restore(void);

/// Sends standard error to an unlinked temporary file until it is released. False, with errno set, if there is none.
bool terminal_guard_capture_stderr(void);

/// Gives standard error back and shows the last 4 KiB of what was written to it meanwhile. Async-signal-safe, idempotent.
void terminal_guard_release_stderr(void);

/// An unlinked temporary file in memory, or below $TMPDIR; -1, with errno set, where neither can be had.
int terminal_guard_temporary_file(void);

#endif
