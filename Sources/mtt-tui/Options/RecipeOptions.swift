import ArgumentParser
import TrainingEvents

/// What small data needs beyond BERT's shape; presets set all of these.
struct RecipeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A named set of the other options: standard, accurate (the best figures, several times the work) or bert (BERT's "
        + "own shape). Default: standard, or with --encoder what fine-tuning needs.",
      valueName: "name"))
  var preset: Preset?

  @OptionGroup var table: OptionTable<RecipeSection>
}
