@main
struct MTTTUI {
  static func main() {}
}
