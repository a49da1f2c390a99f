/// The entity values of the demo corpus, by kind; each kind keeps some for dev and test alone.
struct DemoValues: Sendable {
  /// Values of one kind, as words.
  struct Pool: Sendable {
    var train: [[String]] = []
    var devOnly: [[String]] = []
    var testOnly: [[String]] = []
  }

  /// Kinds as templates name them, with the entity type they are tagged with.
  static let types: [(kind: String, type: String)] = [
    ("artist", "artist"), ("song", "song"), ("genre", "genre"), ("city", "city"), ("origin", "origin"),
    ("destination", "destination"), ("when", "date"), ("day", "date"), ("time", "time"), ("person", "person"),
    ("restaurant", "restaurant"), ("dish", "dish"), ("room", "room"), ("device", "device"), ("film", "film"),
    ("party", "party_size"),
  ]

  /// In the order of `types`.
  private(set) var pools: [Pool] = []

  /// Makes all values and deals them out: `percentTrain` to train, the rest in halves to dev and test.
  init(_ generator: inout SplitMix64, percentTrain: Int) {
    let cities = Self.deal(DemoNames.cities, &generator, percentTrain)
    for (kind, _) in Self.types {
      switch kind {
      case "city", "origin", "destination": pools.append(cities)
      default: pools.append(Self.deal(Self.values(kind, &generator), &generator, percentTrain))
      }
    }
  }

  private static func deal(_ values: [String], _ generator: inout SplitMix64, _ percentTrain: Int) -> Pool {
    var seen = StringTable()
    var distinct = values.filter { value in
      let before = seen.count
      return seen.intern(value) == before
    }
    generator.shuffle(&distinct)
    let split = distinct.map { $0.split(separator: " ").map(String.init) }
    let train = split.count * percentTrain / 100
    let dev = train + (split.count - train) / 2
    return Pool(train: Array(split[..<train]), devOnly: Array(split[train..<dev]), testOnly: Array(split[dev...]))
  }

  private static func values(_ kind: String, _ generator: inout SplitMix64) -> [String] {
    switch kind {
    case "artist": many(260, &generator, artist) + DemoNames.stageNames
    case "song": many(320, &generator, song) + DemoNames.songWords
    case "film": many(300, &generator, film)
    case "restaurant": many(260, &generator, restaurant)
    case "person": DemoNames.firstNames + many(120, &generator, person)
    case "dish": DemoNames.dishes + many(80, &generator, dish)
    case "genre": DemoNames.genres
    case "room": DemoNames.rooms
    case "device": DemoNames.devices
    case "party": DemoNames.parties
    case "when": relativeDates
    case "day": many(120, &generator, day) + weekdays
    case "time": many(140, &generator, time) + ["noon", "midnight", "lunchtime", "sunrise"]
    default: []
    }
  }

  private static func many(
    _ count: Int, _ generator: inout SplitMix64, _ make: (inout SplitMix64) -> String
  ) -> [String] {
    (0..<count).map { _ in make(&generator) }
  }

  private static func artist(_ generator: inout SplitMix64) -> String {
    let names = DemoNames.self
    return switch generator.below(6) {
    case 0: "The \(generator.pick(names.adjectives)) \(generator.pick(names.pluralNouns))"
    case 1: "\(generator.pick(names.adjectives)) \(generator.pick(names.nouns))"
    case 2: "\(generator.pick(names.firstNames)) \(generator.pick(names.lastNames))"
    case 3: "\(generator.pick(names.firstNames)) and the \(generator.pick(names.pluralNouns))"
    case 4: "The \(generator.pick(names.pluralNouns))"
    default: "DJ \(generator.pick(names.stageNames))"
    }
  }

  private static func song(_ generator: inout SplitMix64) -> String {
    let names = DemoNames.self
    return switch generator.below(7) {
    case 0: "\(generator.pick(names.gerunds)) in the \(generator.pick(names.nouns))"
    case 1: "\(generator.pick(names.gerunds)) Home"
    case 2: "\(generator.pick(names.adjectives)) \(generator.pick(names.nouns))"
    case 3: "Letters to \(generator.pick(names.firstNames))"
    case 4: "\(generator.pick(names.gerunds)) to \(generator.pick(names.cities))"
    case 5: "\(generator.pick(names.nouns)) Song"
    default: "Goodbye \(generator.pick(names.firstNames))"
    }
  }

  private static func film(_ generator: inout SplitMix64) -> String {
    let names = DemoNames.self
    return switch generator.below(7) {
    case 0: "The \(generator.pick(names.nouns)) of \(generator.pick(names.cities))"
    case 1: "The Last \(generator.pick(names.nouns))"
    case 2: "Return to \(generator.pick(names.cities))"
    case 3: "A \(generator.pick(names.nouns)) for \(generator.pick(names.firstNames))"
    case 4: "Beyond the \(generator.pick(names.nouns))"
    case 5: "\(generator.pick(names.adjectives)) \(generator.pick(names.nouns))"
    default: "The \(generator.pick(names.lastNames)) Affair"
    }
  }

  private static func restaurant(_ generator: inout SplitMix64) -> String {
    let names = DemoNames.self
    return switch generator.below(7) {
    case 0: "Chez \(generator.pick(names.firstNames))"
    case 1: "\(generator.pick(names.firstNames))'s Kitchen"
    case 2: "The \(generator.pick(names.adjectives)) \(generator.pick(names.animals))"
    case 3: "Café \(generator.pick(names.lastNames))"
    case 4: "Little \(generator.pick(names.cities))"
    case 5: "\(generator.pick(names.cities)) Grill"
    default: "\(generator.pick(names.firstNames))'s"
    }
  }

  private static func person(_ generator: inout SplitMix64) -> String {
    let names = DemoNames.self
    return switch generator.below(5) {
    case 0: "Aunt \(generator.pick(names.aunts))"
    case 1: "Doctor \(generator.pick(names.lastNames))"
    case 2: "my \(generator.pick(["mother", "father", "boss", "landlord", "sister", "brother", "neighbour"]))"
    case 3: "Uncle \(generator.pick(names.uncles))"
    default: "\(generator.pick(names.firstNames)) \(generator.pick(names.lastNames))"
    }
  }

  private static func dish(_ generator: inout SplitMix64) -> String {
    "\(generator.pick(DemoNames.dishAdjectives)) \(generator.pick(DemoNames.dishes))"
  }

  private static let weekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let relativeDates =
    [
      "today", "tonight", "tomorrow", "tomorrow morning", "tomorrow evening", "this weekend", "next weekend",
      "next week", "next month", "this afternoon", "this evening", "the day after tomorrow", "in two weeks",
      "in three days", "in an hour", "in a month", "later today", "over Easter", "over Christmas", "this summer",
      "in ten days", "early next week", "at the weekend", "in a fortnight",
    ] + weekdays.map { "next \($0)" } + weekdays.map { "this \($0)" } + weekdays.map { "\($0) night" }

  private static func day(_ generator: inout SplitMix64) -> String {
    let number = generator.below(28) + 1
    return switch generator.below(4) {
    case 0: "the \(ordinal(number)) of \(generator.pick(months))"
    case 1: "\(generator.pick(months)) \(ordinal(number))"
    case 2: "\(generator.pick(weekdays)) the \(ordinal(number))"
    default: "\(generator.pick(weekdays)) \(generator.pick(["morning", "evening", "afternoon"]))"
    }
  }

  private static func ordinal(_ number: Int) -> String {
    switch number % 10 {
    case 1 where number != 11: "\(number)st"
    case 2 where number != 12: "\(number)nd"
    case 3 where number != 13: "\(number)rd"
    default: "\(number)th"
    }
  }

  private static let hours = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
  ]

  private static func time(_ generator: inout SplitMix64) -> String {
    switch generator.below(6) {
    case 0: "\(generator.below(12) + 1) \(generator.pick(["am", "pm"]))"
    case 1: "half past \(generator.pick(hours))"
    case 2: "quarter \(generator.pick(["to", "past"])) \(generator.pick(hours))"
    case 3: "\(generator.below(18) + 6):\(generator.pick(["00", "15", "30", "45"]))"
    case 4: "\(generator.pick(hours)) o'clock"
    default: "\(generator.pick(hours)) in the \(generator.pick(["morning", "evening"]))"
    }
  }
}
