import Dispatch
import Glibc
import NcursesTerminal
import TerminalCanvas

/// A session that has the terminal: when its next frame is due, and when there is something to read from it.
@MainActor
protocol ScreenSession: AnyObject {
  var terminal: Terminal { get }
  var pacing: FramePacing { get set }
  var room: RoomWatch { get }
  var inputSource: (any DispatchSourceRead)? { get }
  /// Whether another process group has the terminal, so that it is not read.
  var isElsewhere: Bool { get set }
  /// Counts what was read, to tell whether anything came since.
  var readings: Int { get }
  /// Whether the model has changed since it was drawn.
  var needsDisplay: Bool { get }
  /// Whether the session has ended, so that nothing more is read.
  var isLeaving: Bool { get }
  /// When the session went on after it was suspended.
  var lastWaking: Double { get set }

  func readInput()
  /// The terminal's window is gone.
  func loseTerminal()
  /// Takes over the terminal's size and draws.
  func fitToTerminal()
  func draw()
  /// After anything that happened: draws what it changed, or leaves.
  func update()
}

extension ScreenSession {
  static var now: Double { seconds(CLOCK_MONOTONIC) }
  static var wall: Double { seconds(CLOCK_REALTIME) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  // MARK: - Job control

  /// Sleeps until the shell says otherwise.
  ///
  /// `group`: lets the whole group sleep, as the terminal's own key does. It hears of it once the terminal is given back:
  ///   a shell that wakes earlier would print on the dashboard's screen.
  func suspend(group: Bool) {
    guard JobControl.canStop else { return }
    terminal.suspend()
    if group { kill(0, SIGTSTP) }
    JobControl.stop(terminal: STDIN_FILENO)
    terminal.resume()
    fitToTerminal()
    // The first frame may take long on a busy machine, and signals wait for it.
    lastWaking = Self.now
  }

  /// Sleeps when another process asks for it.
  ///
  /// The signal that `suspend` sends comes to this process too, which hears of it after the sleep: it would sleep again.
  func suspendBySignal() {
    guard Self.now - lastWaking >= 0.25 else { return }
    suspend(group: false)
  }

  // MARK: - Frames

  func drawIfDue() {
    guard needsDisplay, !terminal.isSending else { return sendRest() }
    // A terminal that has not shown the last frame would show this one late.
    let wait = max(pacing.wait(now: Self.now), terminal.isBusy ? FramePacing.busyWait : 0)
    if wait <= 0 { draw() } else { updateAfter(wait) }
  }

  /// Comes back for what the terminal has not taken of the last frame, as soon as it takes more.
  func sendRest() {
    guard terminal.isSending else { return }
    room.wait(for: terminal.outputDescriptor) { [weak self] in self?.update() }
  }

  private func updateAfter(_ seconds: Double) {
    guard !pacing.isScheduled else { return }
    pacing.isScheduled = true
    DispatchQueue.main.asyncAfter(deadline: .now() + seconds) { @Sendable in
      MainActor.assumeIsolated {
        self.pacing.isScheduled = false
        self.update()
      }
    }
  }

  // MARK: - Input

  /// Hands out what was typed, clicked, pasted or reported; keeps the screen's pace by it.
  ///
  /// The terminal's answers to frames are none of it: each would ask for a faster frame, and that for another answer.
  func takeInput(_ handle: (InputEvent) -> Void) {
    var isSilent = true
    while let input = terminal.readInput() {
      isSilent = false
      if case .focus(let isFocused) = input { pacing.isFocused = isFocused }
      handle(input)
    }
    if isSilent { handleSilence() } else { pacing.lastInput = Self.now }
    awaitRest()
  }

  /// There was something to read, and then there was not.
  private func handleSilence() {
    switch terminal.inputState {
    case .open: break
    case .gone: loseTerminal()
    case .elsewhere:
      // Reading would only fail, at once and again; the ticker looks whether the terminal has come back.
      isElsewhere = true
      inputSource?.suspend()
    }
  }

  func returnToTerminal() {
    guard isElsewhere, terminal.inputState != .elsewhere else { return }
    isElsewhere = false
    inputSource?.resume()
    terminal.resume()
    fitToTerminal()
  }

  /// Part of a key's sequence has come, or an escape that may be a key: waits for the rest for a while.
  private func awaitRest() {
    guard let patience = terminal.inputPatience else { return }
    let reading = readings
    DispatchQueue.main.asyncAfter(deadline: .now() + patience) { @Sendable in
      MainActor.assumeIsolated {
        guard !self.isLeaving, self.readings == reading else { return }
        self.terminal.expireInput()
        self.readInput()
      }
    }
  }
}
