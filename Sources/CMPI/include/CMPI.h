// The little of MPI that training needs, from a library that is opened at run time: no mpi.h, nothing to link.
#ifndef CMPI_H
#define CMPI_H
#include <stdbool.h>
#include <stddef.h>

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

/// A message under way.
typedef union {
  void *pointer;
  int number;
} MTTMPIRequest;

/// Begins to receive or send; false where MPI refuses. The bytes must stay where they are until `mtt_mpi_is_done`.
bool mtt_mpi_receive(void *bytes, int count, int from, int tag, MTTMPIRequest *request);
bool mtt_mpi_send(const void *bytes, int count, int to, int tag, MTTMPIRequest *request);
/// Whether a message has arrived or left; not to be asked again afterwards.
bool mtt_mpi_is_done(MTTMPIRequest *request);
#endif
