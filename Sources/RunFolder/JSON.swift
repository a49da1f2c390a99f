#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// JSON as the run folder writes it: keys sorted, numbers exact, "NaN", "Infinity" and "-Infinity" as strings.
public enum RunJSON {
  public static func encode(_ value: some Encodable, pretty: Bool = false) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return [UInt8](try encoder.encode(value))
    } catch {
      // Non-finite numbers, the only values JSON has no word for, are strings here.
      preconditionFailure("a value could not be written as JSON: \(error)")
    }
  }

  /// `path`: the file the bytes come from, for the error's sentence.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: some Collection<UInt8>, path: String
  ) throws(RunFolderError) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return try decoder.decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw .malformed(path, "is not as expected: \(sentence(error))")
    } catch {
      throw .malformed(path, "is not JSON")
    }
  }

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "" : " in \"\(path.map(\.stringValue).joined(separator: "."))\""
    }
    switch error {
    case .keyNotFound(let key, let context): return "\"\(key.stringValue)\" is missing\(place(context.codingPath))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "a value has another type\(place(context.codingPath))"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is not JSON" : "a value is out of range\(place(context.codingPath))"
    @unknown default: return "it is not JSON"
    }
  }
}
