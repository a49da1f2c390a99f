// swift-tools-version: 6.2
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

func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
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
        "TrainingEvents", "Training", "TextData", "RunFolder", "RunSession", "Dashboard", "TerminalCanvas", "Themes",
        "NcursesTerminal", "LoggedRuns", "ForeignLogs",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),

    // Where the two halves meet: values only.
    room("TrainingEvents"),

    // Numbers as people read them.
    room("Formatting"),
    // What a run's events add up to.
    room("RunModel", ["TrainingEvents", "Formatting"]),

    // Runs as their logs tell of them, whoever wrote them: values only.
    room("LoggedRuns"),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "ForeignLogs",
      dependencies: [
        "LoggedRuns", "Storage", "CZlib",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["Messages/tfevents.proto", "Messages/wandb.proto"],
      swiftSettings: strict),

    // The screen.
    room("TerminalCanvas", ["Formatting"]),
    room("Themes", ["TerminalCanvas"], resources: [.embedInCode("themes")]),
    room("Dashboard", ["RunModel", "TrainingEvents", "Formatting", "TerminalCanvas", "Themes"]),
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncursesw5-dev"]), .brew(["ncurses"])]),
    .target(name: "CTerminalGuard", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    room("NcursesTerminal", ["TerminalCanvas", "CNcurses", "CTerminalGuard"]),

    // The engine.
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
    .target(name: "CKernels", cSettings: kernelFlags),
    .target(name: "CProducts", dependencies: ["COneDNN"], cSettings: kernelFlags),
    room("Kernels", ["CKernels", "COneDNN", "CProducts"]),
    room("MultiTaskTransformer", ["Kernels", "CKernels"]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    room("TextData", ["CZlib", "CZstd", .product(name: "Yams", package: "Yams")]),
    // Checksums of what lies on disk.
    .target(name: "CChecksum", cSettings: kernelFlags),
    room("Storage", ["CChecksum"]),
    room("RunFolder", ["Storage", "TrainingEvents"]),
    // A run's events and commands between processes.
    room("RunSession", ["RunFolder", "TrainingEvents"]),
    room("Training", ["MultiTaskTransformer", "TextData", "RunFolder", "TrainingEvents"]),

    tests("TrainingEventsTests", ["TrainingEvents"]),
    tests("FormattingTests", ["Formatting"]),
    tests("RunModelTests", ["RunModel", "TrainingEvents"]),
    tests("TerminalCanvasTests", ["TerminalCanvas"]),
    tests("ThemesTests", ["Themes", "TerminalCanvas", "FuzzSupport"]),
    tests(
      "DashboardTests",
      ["Dashboard", "RunModel", "TrainingEvents", "Formatting", "TerminalCanvas", "Themes", "NcursesTerminal"],
      exclude: ["Goldens"]),  // read through #filePath
    tests("NcursesTerminalTests", ["NcursesTerminal", "TerminalCanvas", "CNcurses"]),
    tests("KernelsTests", ["Kernels", "CKernels"]),
    // Its fixtures are found through #filePath.
    tests("MultiTaskTransformerTests", ["MultiTaskTransformer", "Kernels"], exclude: ["Fixtures"]),
    tests("TextDataTests", ["TextData", "FuzzSupport"]),
    tests("RunFolderTests", ["RunFolder", "Storage", "TrainingEvents", "FuzzSupport"]),
    tests("LoggedRunsTests", ["LoggedRuns"]),
    .testTarget(
      name: "ForeignLogsTests",
      dependencies: [
        "ForeignLogs", "LoggedRuns", "FuzzSupport", "CZlib",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: strict),
    tests("RunSessionTests", ["RunSession", "TrainingEvents", "FuzzSupport"]),
    // Its fixtures are found through #filePath.
    tests(
      "TrainingTests", ["Training", "MultiTaskTransformer", "TextData", "RunFolder", "TrainingEvents", "FuzzSupport"],
      exclude: ["Fixtures"]),
    // Depends on the program so that it is built before the tests start it.
    tests("EndToEndTests", ["mtt-tui", "Dashboard", "TerminalCanvas", "TrainingEvents", "FuzzSupport"]),
    // Wrong inputs for the tests of every parser.
    .target(name: "FuzzSupport", path: "Tests/FuzzSupport", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)
