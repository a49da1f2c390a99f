// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

// SwiftPM compiles C with -O0 in debug builds; the kernels are wanted at full speed in both.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]

// Tests check gradients by differences, in millions of passes of a plain model, feed parsers thousands of mutated files and
// draw thousands of screens: unoptimized, they take more time than optimizing takes of the build.
let fast: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [], settings: [SwiftSetting] = fast
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict + settings)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = [],
  settings: [SwiftSetting] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict + settings)
}

let package = Package(
  name: "mtt-tui",
  products: [.executable(name: "mtt-tui", targets: ["mtt-tui"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
  ],
  targets: [
    // The only room that knows both halves.
    .executableTarget(
      name: "mtt-tui",
      dependencies: [
        "Distributed", "Machine", "TrainingEvents", "RunOptions", "Training", "TextData", "RunFolder", "RunSession",
        "RunSources", "RunModel",
        "Dashboard", "TerminalCanvas", "Themes", "NcursesTerminal", "Comparison", "LoggedRuns", "LogFormats",
        "HelpTopics", "Formatting", "Paths", "CProcess",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),

    // Where the two halves meet: values only.
    room("TrainingEvents"),
    // A run's options: names, ranges, meanings.
    room("RunOptions", ["TrainingEvents"]),

    // The manual's texts.
    room("HelpTopics", resources: [.embedInCode("topics")]),

    // What the process was started with.
    .target(name: "CProcess", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    // Paths as text, whatever their bytes are, and the system's calls that take them.
    room("Paths"),
    // Numbers as people read them, JSON as text, words of the shell.
    room("Formatting", ["Paths"]),
    // What a run's events add up to.
    room("RunModel", ["TrainingEvents", "Formatting"]),

    // Runs as their logs tell of them, whoever wrote them: values only.
    room("LoggedRuns", ["Storage"]),
    // What comes of putting them beside each other: tables, differences, groups, curves over one axis.
    room("Comparison", ["LoggedRuns", "Formatting"]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "LogFormats",
      dependencies: [
        "LoggedRuns", "RunLog", "RunFolder", "TrainingEvents", "Storage", "Paths", "Machine", "CZlib",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["Messages/tfevents.proto", "Messages/wandb.proto"],
      swiftSettings: strict + fast),

    // The screen.
    room("TerminalCanvas", ["Formatting"]),
    room("Themes", ["TerminalCanvas", "Paths"], resources: [.embedInCode("themes")]),
    room(
      "Dashboard",
      [
        "Comparison", "LoggedRuns", "RunModel", "RunOptions", "TrainingEvents", "Formatting", "TerminalCanvas",
        "Themes",
      ],
      settings: []),  // the tests spend little time in it
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncursesw5-dev"])]),
    .target(name: "CTerminalGuard", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    room("NcursesTerminal", ["TerminalCanvas", "Paths", "CNcurses", "CTerminalGuard"]),

    // What of the machine this process may use.
    .target(name: "CCycles", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    room("Machine", ["CCycles"]),

    // The engine.
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .target(name: "CKernels", cSettings: kernelFlags),
    room("Kernels", ["CKernels", "COneDNN"]),
    room("MultiTaskTransformer", ["Kernels", "CKernels", "TrainingEvents"]),
    // MPI, opened at run time: nothing to link.
    .target(name: "CMPI", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),
    // Processes that train one model together.
    room("Distributed", ["CMPI", "MultiTaskTransformer", "Kernels", "CKernels"]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    room("TextData", ["Paths", "Formatting", "CZlib", "CZstd", .product(name: "Yams", package: "Yams")]),
    // Values as bytes, and checksums of what lies on disk.
    .target(name: "CChecksum", cSettings: kernelFlags),
    room("Storage", ["CChecksum"]),
    room("RunFolder", ["Storage", "Paths", "Formatting", "TrainingEvents"]),
    // Every event of a run, in its folder: written, read, followed.
    room("RunLog", ["Storage", "Paths", "RunFolder", "TrainingEvents", "CProcess"]),
    // Where a run's records come from.
    room("RunSources", ["RunLog", "RunFolder", "TrainingEvents"]),
    // A run's events, commands and questions between processes.
    room("RunSession", ["Paths", "RunSources", "RunLog", "RunFolder", "Storage", "TrainingEvents"]),
    room(
      "Training",
      [
        "Formatting", "Paths", "Machine", "Distributed", "MultiTaskTransformer", "TextData", "RunLog", "RunFolder",
        "Storage", "RunOptions", "TrainingEvents",
      ],
      settings: []),  // the tests spend little time in it

    // For Benchmarks/long_run.py: a run without a model.
    .executableTarget(
      name: "recorded-run", dependencies: ["RunLog", "RunSession", "RunFolder", "TrainingEvents"],
      path: "Benchmarks/RecordedRun", swiftSettings: strict),

    tests("MachineTests", ["Machine"]),
    tests("TrainingEventsTests", ["TrainingEvents"]),
    tests("RunOptionsTests", ["RunOptions", "HelpTopics", "TrainingEvents"]),
    tests("HelpTopicsTests", ["HelpTopics"]),
    tests("PathsTests", ["Paths"]),
    tests("FormattingTests", ["Formatting"]),
    tests("RunModelTests", ["RunModel", "RunLog", "RunSources", "RunFolder", "TrainingEvents"]),
    tests("RunLogTests", ["RunLog", "RunFolder", "Storage", "TrainingEvents", "FuzzSupport"]),
    tests("TerminalCanvasTests", ["TerminalCanvas", "Formatting"]),
    tests("ThemesTests", ["Themes", "TerminalCanvas", "FuzzSupport"]),
    tests(
      "DashboardTests",
      [
        "Dashboard", "Comparison", "LoggedRuns", "RunModel", "TrainingEvents", "Formatting", "TerminalCanvas", "Themes",
        "NcursesTerminal",
      ],
      exclude: ["Goldens"]),  // read through #filePath
    tests("NcursesTerminalTests", ["NcursesTerminal", "TerminalCanvas", "CNcurses", "CTerminalGuard"]),
    tests("KernelsTests", ["Kernels", "CKernels"]),
    // Its fixtures are found through #filePath.
    tests(
      "MultiTaskTransformerTests", ["MultiTaskTransformer", "Kernels", "CKernels", "TrainingEvents"],
      exclude: ["Fixtures"], settings: fast),
    tests("DistributedTests", ["Distributed", "MultiTaskTransformer", "Kernels", "TrainingEvents", "LinkSupport"]),
    tests("TextDataTests", ["TextData", "FuzzSupport"]),
    tests("RunFolderTests", ["RunFolder", "Paths", "Storage", "TrainingEvents", "FuzzSupport", "FolderSupport"]),
    tests("LoggedRunsTests", ["LoggedRuns"]),
    tests("ComparisonTests", ["Comparison", "LoggedRuns"]),
    .testTarget(
      name: "LogFormatsTests",
      dependencies: [
        "LogFormats", "LoggedRuns", "RunLog", "RunFolder", "TrainingEvents", "FuzzSupport", "FolderSupport",
        "Paths", "CZlib",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: strict),
    tests("RunSessionTests", ["RunSession", "RunSources", "RunLog", "TrainingEvents", "FuzzSupport"]),
    // Its fixtures are found through #filePath.
    tests(
      "TrainingTests",
      [
        "Training", "Distributed", "MultiTaskTransformer", "Kernels", "TextData", "RunLog", "RunFolder", "RunOptions",
        "TrainingEvents", "FuzzSupport", "LinkSupport", "FolderSupport",
      ],
      exclude: ["Fixtures"]),
    // Depends on the program so that it is built before the tests start it.
    tests(
      "EndToEndTests",
      ["mtt-tui", "Training", "HelpTopics", "Dashboard", "TerminalCanvas", "TrainingEvents", "FuzzSupport"]),
    // Wrong inputs for the tests of every parser.
    .target(name: "FuzzSupport", path: "Tests/FuzzSupport", swiftSettings: strict),
    // A folder of a test's own.
    .target(name: "FolderSupport", path: "Tests/FolderSupport", swiftSettings: strict),
    // Threads in the place of processes.
    .target(name: "LinkSupport", dependencies: ["Distributed"], path: "Tests/LinkSupport", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)
