/// How busy the machine is, at one moment.
public struct MachineSample: Hashable, Sendable {
  /// Each core's share of time not idle since the sample before, in 0...1.
  public var cores: [Double]
  /// This process's memory that is in RAM, in bytes.
  public var residentBytes: Int
  /// The machine's memory, and what of it programs could still get.
  public var totalBytes: Int
  public var availableBytes: Int
  /// This process's threads.
  public var threads: Int
  /// Share of one core that this process had since the sample before: 2 for two cores.
  public var processCores: Double
  /// The processor's temperature in degrees Celsius, where the system reports it.
  public var temperature: Double?
  /// What a container or a service grants this process.
  public var limits = Limits()

  /// nil for what is not less than the machine has.
  public struct Limits: Hashable, Sendable {
    /// Processors' worth of time.
    public var processors: Double?
    /// Bytes of memory, and what all that share them use.
    public var memory: Int?
    public var memoryInUse: Int?

    public init(processors: Double? = nil, memory: Int? = nil, memoryInUse: Int? = nil) {
      self.processors = processors
      self.memory = memory
      self.memoryInUse = memoryInUse
    }
  }

  public init(
    cores: [Double], residentBytes: Int, totalBytes: Int, availableBytes: Int, threads: Int, processCores: Double,
    temperature: Double?
  ) {
    self.cores = cores
    self.residentBytes = residentBytes
    self.totalBytes = totalBytes
    self.availableBytes = availableBytes
    self.threads = threads
    self.processCores = processCores
    self.temperature = temperature
  }
}

/// The last minutes of the machine.
struct MachineHistory: Hashable, Sendable {
  private static let kept = 512

  /// Oldest first.
  private(set) var samples: [MachineSample] = []

  var latest: MachineSample? { samples.last }

  mutating func add(_ sample: MachineSample) {
    samples.append(sample)
    if samples.count > Self.kept { samples.removeFirst(Self.kept / 4) }
  }
}
