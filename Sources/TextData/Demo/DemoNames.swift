// Names and things the sentences of the demo corpus speak of; `DemoValues` makes entity values of them.

enum DemoNames {
  static let firstNames = words(
    """
    Anna Ben Clara David Elena Felix Greta Hugo Irene Jonas Karin Liam Maya Noah Olga Paul Ruth Simon Tessa Umar
    Vera Walter Yara Zoe Amir Bianca Carlos Dina Emil Fatima Georg Hana Ivan Julia Kofi Leila Marco Nina Oscar Priya
    Rafael Sofia Theo Ursula Victor Wanda Xenia Yusuf Agnes Boris Celia Dmitri Edith Frank Gloria Henrik Ines Jakob
    Kira Luca Mona Nils Odette Pedro Rosa Stefan Tomas Uma Viola Wim
    """)
  static let aunts = words(
    """
    Anna Clara Elena Greta Irene Karin Maya Olga Ruth Tessa
    Vera Yara Zoe Bianca Dina Fatima Hana Julia Leila Nina Rosa
    """
  )
  static let uncles = words(
    """
    Ben David Felix Hugo Jonas Liam Noah Paul Simon Umar
    Walter Amir Carlos Emil Georg Ivan Kofi Marco Oscar Rafael Theo
    """
  )
  static let lastNames = words(
    """
    Adler Brandt Castillo Duarte Eriksen Fontaine Gupta Hoffmann Ivanova Jensen Keller Lindqvist Moreau Novak Okafor
    Petrov Quinn Rossi Santos Tanaka Underwood Vargas Weber Yamada Zeller Baker Carter Fisher Mason Porter
    """)
  static let cities = [
    "Berlin", "Paris", "Lisbon", "Oslo", "Vienna", "Prague", "Dublin", "Athens", "Warsaw", "Helsinki", "Geneva",
    "Hamburg", "Milan", "Naples", "Porto", "Seville", "Ghent", "Lyon", "Bergen", "Riga", "Tallinn", "Zagreb", "Krakow",
    "Boston", "Chicago", "Denver", "Phoenix", "Dallas", "Austin", "Portland", "Havana", "Lima", "Quito", "Nairobi",
    "Cairo", "Tunis", "Accra", "Delhi", "Mumbai", "Kyoto", "Osaka", "Seoul", "Hanoi", "Perth", "Sydney", "Auckland",
    "Montreal", "Toronto", "New York", "New Orleans", "Cape Town", "Buenos Aires", "San Diego", "Santa Fe",
    "Saint Malo", "The Hague", "Hong Kong", "Kuala Lumpur", "Rio de Janeiro", "Salt Lake City", "Addis Ababa",
    "Las Palmas", "Baden Baden", "Monte Carlo", "Long Beach", "Castle Rock", "Green Bay", "Little Rock",
  ]
  static let adjectives = words(
    """
    Velvet Paper Silver Golden Crimson Electric Quiet Hollow Midnight Broken Northern Wild Gentle Distant Burning
    Frozen Lonely Crooked Blue Green Scarlet Wooden Little Lucky Restless Secret Salty Hungry Endless Second
    """)
  static let nouns = words(
    """
    Harbour Lantern River Mirror Garden Engine Orchard Comet Island Window Thunder Shadow Feather Letter Circus
    Mountain Winter Summer Station Sparrow Anchor Compass Candle Bridge Meadow Tiger Heart Morning Ocean Train
    """)
  static let pluralNouns = words(
    """
    Lanterns Sparrows Foxes Engines Mirrors Strangers Sailors Orchards Comets Wolves Tigers Neighbours Feathers Giants
    Shadows Poets Astronauts Gardeners Thieves Swallows
    """)
  static let animals = words(
    "Fox Heron Lobster Badger Pheasant Otter Rooster Olive Pepper Lemon Anchor Barrel Whale Pear Lantern Goose")
  static let gerunds = words(
    """
    Dancing Running Waiting Falling Dreaming Sailing Walking Singing Burning Drifting Leaving Coming Swimming Sleeping
    """)
  static let stageNames = words(
    """
    Lumen Oslo Vienna Phoenix Havana Calypso Mirabel Zephyr Juniper Marlowe Indigo Saffron Atlas Solveig Geneva
    Nocturne Ember Boston Orion Paloma Tundra Wren Cassius Lisbon
    """)
  static let songWords = words(
    """
    Lanterns Gravity Homesick Avalanche Saturday Paperweight Hurricane Lullaby Satellites Wildflower Undertow Berlin
    Monday Kerosene Sugar Marigold Driftwood Echoes Havana Afterglow Thunder Clara Tangerine Novembers
    """)
  static let genres = [
    "jazz", "folk", "techno", "blues", "soul", "funk", "reggae", "swing", "opera", "punk", "house", "country",
    "gospel", "bossa nova", "hip hop", "trip hop", "drum and bass", "indie rock", "classic rock", "chamber music",
    "film music", "baroque", "ambient", "flamenco", "fado", "ska", "synth pop", "piano music", "string quartets",
    "sea shanties", "movie soundtracks", "country rock", "free jazz", "dub",
  ]
  static let dishes = [
    "ramen", "pizza", "lasagne", "sushi", "falafel", "goulash", "paella", "risotto", "dumplings", "noodles", "curry",
    "tacos", "burritos", "hummus", "gnocchi", "kebab", "pancakes", "waffles", "pho", "moussaka", "ratatouille",
    "fish and chips", "mac and cheese", "spring rolls", "pad thai", "apple pie", "onion soup", "Greek salad",
    "potato soup", "chicken wings", "lentil stew", "bean burger", "carrot cake", "garlic bread", "rice pudding",
    "tomato soup", "cheese cake", "bibimbap", "empanadas", "pierogi", "borscht", "tiramisu", "shakshuka", "ceviche",
  ]
  static let dishAdjectives = words("spicy vegan grilled fried cold hot sweet homemade smoked crispy")
  static let rooms = [
    "kitchen", "living room", "bedroom", "bathroom", "hallway", "garage", "cellar", "attic", "office", "guest room",
    "dining room", "nursery", "garden", "upstairs bathroom", "laundry room", "study", "library", "music room",
    "guest bathroom", "kids' room", "workshop", "conservatory", "wine cellar", "back office", "winter garden",
    "playroom", "sauna",
  ]
  static let devices = [
    "lights", "heating", "radio", "television", "oven", "dishwasher", "fan", "blinds", "coffee machine", "lamp",
    "air conditioning", "floor lamp", "washing machine", "robot vacuum", "kettle", "heater", "sprinkler", "projector",
    "speakers", "ceiling fan", "reading lamp", "electric blanket", "towel rail", "garden lights", "humidifier",
    "garage door", "desk lamp", "tumble dryer", "air purifier", "night light", "toaster", "bread machine",
  ]
  static let parties = [
    "two", "three", "four", "five", "six", "eight", "ten", "two people", "three people", "four people", "five people",
    "six people", "seven people", "twelve people", "the two of us", "the four of us", "a dozen guests", "nine",
    "eleven", "my family", "our team", "one", "eight guests", "two adults", "the whole office", "six guests",
  ]

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
