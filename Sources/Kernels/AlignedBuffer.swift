import Glibc

/// Plain numbers outside Swift's arrays: 64-byte aligned, zero at first, freed with their owner, and free to be used by
/// the worker threads that the owner runs, each on its own part.
public final class AlignedBuffer<Element: BitwiseCopyable> {
  public let count: Int
  public let start: UnsafeMutablePointer<Element>
  private let mapping: Mapping?

  public init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    // Large ones begin with a page of 2 MB, which the system is asked to use: a step walks through them in big strides.
    // They come from the system as zeros: what is never written takes no memory.
    let memory: UnsafeMutableRawPointer
    if bytes >= 1 << 22, let mapping = Mapping(bytes: bytes + (1 << 21)) {
      self.mapping = mapping
      memory = mapping.start.alignedUp(toMultipleOf: 1 << 21)
      madvise(memory, bytes, MADV_HUGEPAGE)
    } else {
      mapping = nil
      memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      memset(memory, 0, bytes)
    }
    start = memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  deinit {
    if let mapping { munmap(mapping.start, mapping.bytes) } else { start.deallocate() }
  }

  /// A copy of some of the elements.
  public func copy(_ range: Range<Int>) -> [Element] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) lies outside a buffer of \(count)")
    return Array(UnsafeBufferPointer(start: start + range.lowerBound, count: range.count))
  }
}

/// Floats: parameters, activations, gradients.
public typealias FloatBuffer = AlignedBuffer<Float>

/// Pages from the system.
private struct Mapping {
  let start: UnsafeMutableRawPointer
  let bytes: Int

  init?(bytes: Int) {
    let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { return nil }
    start = address
    self.bytes = bytes
  }
}
