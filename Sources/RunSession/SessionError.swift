/// Why a run cannot be followed over its socket.
public struct SessionError: Error, CustomStringConvertible, Hashable, Sendable {
  /// A sentence: what was found, where, what to do.
  public var description: String

  public init(_ description: String) { self.description = description }
}
