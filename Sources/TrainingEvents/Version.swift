/// The program as it names itself in files and on the command line.
public enum Program {
  public static let version = "0.1.0"
}
