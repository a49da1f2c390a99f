internal import TextData

/// What an evaluation counts of one task's probabilities.
struct ProbabilityScores {
  /// As the model gives them, and as its temperature makes them.
  private var raw = CalibrationBins()
  private var calibrated = CalibrationBins()
  private(set) var rejection = RejectionTable()
  private var sample = CalibrationSample()
  private let isFitting: Bool

  /// - Parameter isFitting: whether answers are kept to fit a temperature by.
  init(isFitting: Bool) { self.isFitting = isFitting }

  /// Adds an answer.
  ///
  /// - Parameter probabilities: of every label, as the model gives them.
  mutating func add(_ probabilities: ArraySlice<Double>, gold: Int32, predicted: Int32, temperature: Double?) {
    let place = probabilities.startIndex + Int(predicted)
    guard probabilities.indices.contains(place) else { return }
    let isRight = gold == predicted
    raw.add(probabilities[place], isRight: isRight)
    let probability = temperature.map { tempered(probabilities, by: $0)[Int(predicted)] } ?? probabilities[place]
    calibrated.add(probability, isRight: isRight)
    rejection.add(probability, isRight: isRight)
    if isFitting { sample.add(probabilities, gold: gold, predicted: predicted) }
  }

  /// Fits a temperature and takes the answers anew with it; nil where none fits.
  mutating func fit() -> Double? {
    guard let temperature = sample.temperature() else { return nil }
    (calibrated, rejection) = (CalibrationBins(), RejectionTable())
    sample.forEach(at: temperature) { probability, isRight in
      calibrated.add(probability, isRight: isRight)
      rejection.add(probability, isRight: isRight)
    }
    return temperature
  }

  /// Whether a fit would have seen every answer.
  var isSampleComplete: Bool { sample.isComplete }

  var figures: CalibrationFigures? {
    guard let before = raw.error, let error = calibrated.error else { return nil }
    return CalibrationFigures(error: error, errorBefore: before)
  }
}

/// The expected calibration error of a task, in 15 bins.
public struct CalibrationFigures: Hashable, Sendable {
  /// Of the probabilities that `predict` prints.
  public var error: Double
  /// Without a temperature.
  public var errorBefore: Double
  /// Nil where none is kept with the model.
  public var temperature: Double?
}
