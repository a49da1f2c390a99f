internal import CMPI
internal import Synchronization

/// Messages through MPI. One for a process's whole life.
public final class MPITransport: Transport {
  public let rank: Int
  public let processCount: Int
  /// Whether bytes may move. Held through each call of the library: it was begun for one call at a time.
  private let isOpen = Mutex(true)

  /// Opens an MPI library and begins MPI.
  ///
  /// - Parameter library: one by name or path; nil for the first there is of those that fit the launcher.
  public init(_ launcher: Launcher, library: String?) throws(DistributedError) {
    try Self.open(library.map { [$0] } ?? launcher.libraries)
    var (rank, size): (Int32, Int32) = (0, 0)
    if let fault = mtt_mpi_begin(&rank, &size) {
      throw DistributedError(description: "MPI could not be begun: \(String(cString: fault)).")
    }
    self.rank = Int(rank)
    processCount = Int(size)
    guard processCount == launcher.processCount else {
      mtt_mpi_end()
      throw DistributedError(
        description: "The launcher started \(launcher.processCount) processes, but \(Self.libraryName) sees \(size):"
          + " it belongs to another launcher. Start with its own (mpirun, mpiexec, srun --mpi=pmix), or name the library by --mpi."
      )
    }
  }

  /// The library that was opened, such as "Open MPI v4.1.4".
  public static var libraryName: String {
    // MPICH has a table: "MPICH Version:", white space, the number.
    let line = String(cString: mtt_mpi_version()).prefix { $0 != "," && !$0.isNewline }
    return line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func open(_ libraries: [String]) throws(DistributedError) {
    var faults: [String] = []
    for name in libraries {
      guard let fault = mtt_mpi_open(name) else { return }
      faults.append("\(name): \(String(cString: fault))")
    }
    throw DistributedError(
      description: "No MPI library could be opened (\(faults.joined(separator: "; "))). Install Open MPI or MPICH on"
        + " every machine, or name the library by --mpi.")
  }

  /// Ends MPI, in every process of the job; nothing may be sent afterwards.
  public func end() {
    isOpen.withLock { isOpen in
      isOpen = false
      mtt_mpi_end()
    }
  }

  /// Ends all processes of the job.
  public func abort(code: Int32) { isOpen.withLock { _ in mtt_mpi_abort(code) } }

  public func close() { isOpen.withLock { $0 = false } }

  public func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int) -> MessageRequest {
    begin { mtt_mpi_send(bytes.baseAddress, Int32(bytes.count), Int32(rank), Int32(tag), &$0) }
  }

  public func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int) -> MessageRequest {
    begin { mtt_mpi_receive(bytes.baseAddress, Int32(bytes.count), Int32(rank), Int32(tag), &$0) }
  }

  public func isDone(_ request: inout MessageRequest) -> Bool {
    isOpen.withLock { $0 && mtt_mpi_is_done(&request.handle) }
  }

  private func begin(_ call: (inout UInt64) -> Bool) -> MessageRequest {
    var handle: UInt64 = 0
    isOpen.withLock { isOpen in
      guard isOpen else { return }
      // MPI's own error handler ends the job before.
      precondition(call(&handle), "MPI refused a message")
    }
    return MessageRequest(handle: handle)
  }
}
