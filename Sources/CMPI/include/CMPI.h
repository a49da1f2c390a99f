// The little of MPI that training needs, from a library that is opened at run time: no mpi.h, nothing to link.
#ifndef CMPI_H
#define CMPI_H
#include <stdbool.h>
#include <stdint.h>

/// Opens a library, one process's only one. Returns null, or why it cannot be used; the text stays.
const char *mtt_mpi_open(const char *name);
/// How it names itself, such as "Open MPI v4.1.4, …".
const char *mtt_mpi_version(void);
/// Begins MPI, for calls from one thread at a time. Returns null, or what went wrong.
const char *mtt_mpi_begin(int *rank, int *size);
/// Ends MPI: in every process of the job.
void mtt_mpi_end(void);
/// Ends every process of the job at once.
void mtt_mpi_abort(int code);

/// Begins to receive or send; false where MPI refuses. The bytes must stay where they are until `mtt_mpi_is_done`.
/// `request` is room for the library's own handle, a pointer or an int.
bool mtt_mpi_receive(void *bytes, int count, int from, int tag, uint64_t *request);
bool mtt_mpi_send(const void *bytes, int count, int to, int tag, uint64_t *request);
/// Whether a message has arrived or left; not to be asked again afterwards.
bool mtt_mpi_is_done(uint64_t *request);
#endif
