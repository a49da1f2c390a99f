import ArgumentParser
import RunOptions
import TrainingEvents

/// A table of a run's options that a group of the command line is made from.
protocol OptionSection {
  static var options: [RunOption] { get }
}

enum DataSection: OptionSection { static let options = RunOption.data }
enum ModelSection: OptionSection { static let options = RunOption.model }
enum RecipeSection: OptionSection { static let options = RunOption.recipe }
enum OptimizationSection: OptionSection { static let options = RunOption.optimization }
enum LoopSection: OptionSection { static let options = RunOption.loop }

/// The name by which ArgumentParser decodes an argument that no property declares.
struct ArgumentName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// The options of a table as a group of the command line.
///
/// ArgumentParser finds a group's options by reflection and reads them through its decoder, so that this mirror and
/// `init(from:)` stand for a property each.
struct OptionTable<Section: OptionSection>: ParsableArguments, CustomReflectable {
  /// The values that were given, by their options' names.
  private(set) var given: [String: String] = [:]

  init() {}

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: ArgumentName.self)
    for option in Section.options {
      let name = ArgumentName(stringValue: option.name)
      given[option.name] =
        option.isSwitch
        ? try values.decode(Flag<Bool?>.self, forKey: name).wrappedValue.flatMap(\.optionText)
        : try values.decode(Option<String?>.self, forKey: name).wrappedValue
    }
  }

  var customMirror: Mirror {
    Mirror(self, children: Section.options.map { (label: $0.name, value: Self.argument($0)) })
  }

  private static func argument(_ option: RunOption) -> Any {
    let name = NameSpecification.customLong(option.name)
    if option.isSwitch {
      return Flag<Bool?>(
        name: name, inversion: .prefixedNo, exclusivity: .chooseLast, help: ArgumentHelp(option.help))
    }
    let choices = option.choices.isEmpty ? "" : " (values: \(option.choices.joined(separator: ", ")))"
    // Else a negative number would pass for an option, and the message would say that the value is missing.
    return Option<String?>(
      name: name, parsing: option.numberKind == nil ? .next : .unconditional,
      help: ArgumentHelp(option.help + choices, valueName: option.placeholder),
      completion: option.placeholder == "dir" ? .directory : option.choices.isEmpty ? nil : .list(option.choices)
    ) { text in
      var configuration = RunConfiguration()
      guard option.set(text, in: &configuration) else {
        throw ValidationError("give \(option.expected ?? "another").")
      }
      return text
    }
  }

  func validate() throws {
    for option in Section.options {
      if let text = given[option.name], let fault = option.fault(text) { throw ValidationError("\(fault).") }
    }
  }

  func apply(to configuration: inout RunConfiguration) {
    for option in Section.options {
      if let text = given[option.name] { option.set(text, in: &configuration) }
    }
  }
}
