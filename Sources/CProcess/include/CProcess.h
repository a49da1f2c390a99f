#pragma once

/// The words that the process was started with, its program's name first; ended by a null pointer.
char *const *mtt_arguments(void);

/// The process's environment now, as `NAME=value`; ended by a null pointer.
char *const *mtt_environment(void);

/// Gives memory that was freed back to the system, where the allocator kept it.
void mtt_return_freed_memory(void);
