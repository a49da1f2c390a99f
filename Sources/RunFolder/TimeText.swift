internal import Glibc

/// Times of day in words.
package enum TimeText {
  /// `time`: seconds since 1970.
  /// `format`: as strftime takes it.
  package static func local(_ time: Double, format: String) -> String {
    var seconds = time_t(time)
    var parts = tm()
    localtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let count = strftime(&buffer, buffer.count, format, &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
