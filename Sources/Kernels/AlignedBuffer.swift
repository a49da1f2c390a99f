import Glibc

/// Plain numbers outside Swift's arrays: 64-byte aligned, zero at first, freed with their owner, and free to be used by
/// the worker threads that the owner runs, each on its own part.
public final class AlignedBuffer<Element: BitwiseCopyable> {
  public let count: Int
  public let start: UnsafeMutablePointer<Element>

  public init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    // Large ones begin with a page of 2 MB, which the system is asked to use: a step walks through them in big strides.
    let isLarge = bytes >= 1 << 22
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? 1 << 21 : 64)
    if isLarge { madvise(memory, bytes, MADV_HUGEPAGE) }
    memset(memory, 0, bytes)
    start = memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  deinit { start.deallocate() }

  /// A copy of some of the elements.
  public func copy(_ range: Range<Int>) -> [Element] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) lies outside a buffer of \(count)")
    return Array(UnsafeBufferPointer(start: start + range.lowerBound, count: range.count))
  }
}

/// Floats: parameters, activations, gradients.
public typealias FloatBuffer = AlignedBuffer<Float>
