import Testing
import TrainingEvents

@testable import Training

@Suite struct ScheduleTests {
  @Test func warmsUpLinearlyToThePeak() {
    let schedule = LearningRateSchedule(peak: 0.8, totalSteps: 40, warmup: 0.1, shape: .cosine)
    #expect(schedule.warmupSteps == 4)
    #expect((1...5).map { schedule.rate(step: $0) } == [0.2, 0.4, 0.6000000000000001, 0.8, 0.8])
  }

  @Test(arguments: RunConfiguration.Schedule.allCases)
  func everyStepHasAPositiveRateUpToThePeak(shape: RunConfiguration.Schedule) {
    let schedule = LearningRateSchedule(peak: 1, totalSteps: 100, warmup: 0.05, shape: shape)
    let rates = (1...100).map { schedule.rate(step: $0) }
    #expect(rates.allSatisfy { $0 > 0 && $0 <= 1 })
    #expect(rates.max() == 1)
  }

  @Test func decays() {
    let linear = LearningRateSchedule(peak: 1, totalSteps: 10, warmup: 0, shape: .linear)
    #expect(abs(linear.rate(step: 6) - 0.5) < 1e-12)
    #expect(abs(linear.rate(step: 11)) < 1e-12)
    let cosine = LearningRateSchedule(peak: 1, totalSteps: 10, warmup: 0, shape: .cosine)
    #expect(cosine.rate(step: 1) == 1)
    #expect(abs(cosine.rate(step: 6) - 0.5) < 1e-12)
    #expect(abs(cosine.rate(step: 11)) < 1e-12)
    let constant = LearningRateSchedule(peak: 1, totalSteps: 10, warmup: 0, shape: .constant)
    #expect(constant.rate(step: 10) == 1)
  }

  @Test func aRunThatOnlyWarmsUpIsNoTrap() {
    let schedule = LearningRateSchedule(peak: 1, totalSteps: 1, warmup: 1, shape: .linear)
    #expect(schedule.rate(step: 1) == 1)
    #expect(schedule.rate(step: 2).isFinite)
  }
}
