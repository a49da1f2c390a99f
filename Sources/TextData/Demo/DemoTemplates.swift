// What people say to the assistant of the demo corpus, in the notation of `DemoPhrase`.

/// The sentences of one class: commands take a courteous opening ("could you …"), the others stand by themselves.
struct DemoClass: Sendable {
  var label: String
  var commands: [String]
  var sentences: [String]
}

/// Phrases that others mention as `<name>`.
let demoMacros: [(name: String, phrase: String)] = [
  ("when", "({when}|on {day}|{when}|on {day})"),
  ("maybe-when", "(|<when>|<when>)"),
  ("maybe-time", "(||at {time}|around {time})"),
  ("maybe-room", "(||in the {room})"),
  (
    "task",
    "(call {person}|water the plants|take the bins out|pay the rent|feed the cat|email {person}|"
      + "buy tickets for {film}|turn off the {device}|order {dish}|pick up {person} from the station|"
      + "book a table at {restaurant}|renew my passport|bring the {dish}|check the weather in {city}|"
      + "practise the piano|return the library books|text {person} back|clean the {room}|learn {song})"
  ),
  (
    "news",
    "(I'm running late|dinner is at {time}|the {dish} was wonderful|happy birthday|I'll be home <when>|"
      + "I'll be there at {time}|{artist} plays in {city} <when>|the {device} in the {room} is broken|"
      + "I booked {restaurant} for {party}|we're watching {film} <when>|the meeting moved to {time}|I miss you|"
      + "it's snowing in {city}|the keys are in the {room}|I can't stop listening to {song}|the train was late again|"
      + "we arrive in {city} <when>|thanks for the {dish})"
  ),
  (
    "question",
    "(she's free <when>|they want {dish} or {dish}|it's raining in {city}|he has seen {film}|"
      + "we meet at {restaurant}|the {device} is still on|she likes {artist}|dinner at {time} works|"
      + "he is coming <when>|they know {song})"
  ),
]

let demoClasses: [DemoClass] = [
  DemoClass(
    label: "play_music",
    commands: [
      "(play|put on|start|queue) {song} by {artist}",
      "(play|put on|queue) {song} <maybe-room>",
      "(play|put on) (some|a little|more|a bit of) {genre} <maybe-room>",
      "(play|put on) (something|anything|the new record|the first album|a track) by {artist} <maybe-room>",
      "(shuffle|play) my {genre} (list|mix|collection)",
      "skip to {song} (|by {artist})",
      "add {song} to my {genre} (list|mix)",
      "(play|start) {artist} <maybe-room>",
      "find me (some|more) {genre} like {artist}",
    ],
    sentences: [
      "(I'd like|I want) to hear {song} (|by {artist})",
      "let me hear (some|a bit of) {genre}",
      "(is there|do you have) (anything|something new) by {artist}",
      "I'm in the mood for {genre}",
      "my (sister|brother|neighbour|daughter) wants to hear {artist}",
      "who (sings|wrote|recorded) {song}",
      "this {room} needs some {genre}",
      "what's that {genre} (song|tune) by {artist}",
    ]),
  DemoClass(
    label: "book_table",
    commands: [
      "(book|reserve) (a table|a corner table|something quiet) at {restaurant} <maybe-when> <maybe-time>",
      "(book|reserve) {restaurant} for {party} <maybe-when> <maybe-time>",
      "find (us|me) a (place|table) in {city} (that serves|with good) {dish} <maybe-when>",
      "get us a table at {restaurant} (before|after|around) {time}",
      "move our table at {restaurant} to {time}",
      "cancel the table at {restaurant} <maybe-when>",
    ],
    sentences: [
      "we (need|would like) a table for {party} at {restaurant} <maybe-when>",
      "is there (room|a free table) at {restaurant} for {party} <maybe-when>",
      "I (want|would like) to eat at {restaurant} (|with {person}) <maybe-when> <maybe-time>",
      "(dinner|lunch|brunch|supper) for {party} in {city} <when>",
      "{person} says {restaurant} is good , are they open <when>",
      "does {restaurant} take bookings for {party}",
    ]),
  DemoClass(
    label: "order_food",
    commands: [
      "(order|get me|get us) (some|a|two portions of|a large) {dish} (|from {restaurant}) (|for {time})",
      "have {dish} (delivered|brought over) (by|around) {time}",
      "add (another|one more|a small) {dish} to (my|the) order",
      "(order|get) {dish} and {dish} from {restaurant}",
      "order (lunch|dinner) for {party} from {restaurant}",
      "repeat my last order from {restaurant} <maybe-when>",
    ],
    sentences: [
      "I'm (hungry|starving) , (can|could) I have {dish} (|from {restaurant})",
      "(we|I) (want|would like|fancy) {dish} (|from {restaurant}) <maybe-when>",
      "does {restaurant} (deliver|still have) {dish}",
      "how long does {dish} from {restaurant} take",
      "{person} wants {dish} and I'll take {dish}",
      "where is my {dish}",
      "no {dish} this time , {dish} instead",
    ]),
  DemoClass(
    label: "get_weather",
    commands: [
      "(check|give me|show me) the forecast for {city} <maybe-when>",
      "tell me (if|whether) it (rains|will snow|is windy) in {city} <maybe-when>",
      "look up the (temperature|wind) in {city} <maybe-when> <maybe-time>",
    ],
    sentences: [
      "what's the weather (like|going to be like) in {city} <maybe-when>",
      "will it (rain|snow|be windy|be sunny|freeze|be foggy) in {city} <maybe-when> <maybe-time>",
      "do I need (an umbrella|a coat|sunscreen|gloves) in {city} <maybe-when>",
      "how (cold|hot|warm|windy|wet) (is it|will it be) in {city} <maybe-when>",
      "is {city} (sunny|cloudy|dry|warm) <maybe-when>",
      "(forecast|weather) for {city} <maybe-when>",
      "is it (too cold|warm enough) for {dish} outside <when>",
      "when does the (rain|storm|sun) (reach|get to) {city}",
    ]),
  DemoClass(
    label: "set_reminder",
    commands: [
      "remind me to <task> <maybe-when> <maybe-time>",
      "set (a reminder|an alarm) for {time} <maybe-when>",
      "wake (me|us) up <maybe-when> at {time}",
      "(cancel|delete) (my|the) (alarm|reminder) (for|at) {time} <maybe-when>",
      "put <task> on my list for {time}",
      "remind {person} and me to <task> <maybe-when>",
    ],
    sentences: [
      "don't let me forget to <task> <maybe-when>",
      "I (need|have) to <task> <maybe-when> , note it down",
      "what do I have (planned|to do) <when>",
      "I must not forget to <task> <maybe-when>",
      "is my alarm set for {time} <maybe-when>",
    ]),
  DemoClass(
    label: "send_message",
    commands: [
      "(text|message) {person} that <news>",
      "(tell|text) {person} <news>",
      "let {person} know <news>",
      "send {person} a (note|message|text) saying <news>",
      "ask {person} (if|whether) <question>",
      "(write|reply) to {person} that <news>",
      "tell {person} and {person} <news>",
    ],
    sentences: [
      "I owe {person} an answer , say <news>",
      "{person} should know <news>",
      "has {person} (answered|written|called) <maybe-when>",
      "any (news|word|message) from {person}",
      "what did {person} (say|write) about {film}",
    ]),
  DemoClass(
    label: "plan_trip",
    commands: [
      "(find|book|get) (me|us) a (train|flight|bus|ticket) from {origin} to {destination} <maybe-when> <maybe-time>",
      "(find|book) a (train|flight|bus|ferry) to {destination} <maybe-when> <maybe-time>",
      "(plan|work out) a (trip|route|weekend) from {origin} to {destination} <maybe-when>",
      "(find|get) (me|us) from {origin} to {destination} by {time}",
      "show me the (trains|flights|buses) leaving {origin} <maybe-when> <maybe-time>",
    ],
    sentences: [
      "how (do I get|far is it|long does it take) from {origin} to {destination}",
      "when is the (next|last|first) (train|bus|ferry) to {destination} <maybe-when>",
      "when does the (next|last|first) (train|bus|ferry) leave {origin} <maybe-when>",
      "I (need|have|want) to be in {destination} <maybe-when> (|by {time})",
      "what's the (cheapest|fastest|nicest) way from {origin} to {destination} <maybe-when>",
      "we're flying out of {origin} <when> , is there a connection to {destination}",
      "{person} and I are going to {destination} <when> , what does the train cost",
      "is {destination} nearer to {origin} than {city}",
    ]),
  DemoClass(
    label: "control_home",
    commands: [
      "(turn|switch) (on|off) the {device} <maybe-room>",
      "(turn|switch) the {device} <maybe-room> (on|off) <maybe-time>",
      "(start|stop|check) the {device} <maybe-room> <maybe-time>",
      "set the {device} <maybe-room> to (20 degrees|half|low|maximum|40 percent)",
      "make the {room} (warmer|cooler|brighter|darker|quieter)",
      "put the {device} on <maybe-room> <maybe-when>",
      "turn everything off in the {room} <maybe-when>",
    ],
    sentences: [
      "it's too (dark|cold|bright|warm|stuffy|loud) in the {room}",
      "(is|did I leave) the {device} in the {room} (on|running)",
      "I don't need the {device} <maybe-room> any more",
      "nobody is in the {room} , (turn|switch) the {device} off",
      "why is the {device} (still on|beeping|so loud)",
      "is (anyone|{person}) in the {room}",
      "the {room} is freezing , is the {device} on",
    ]),
  DemoClass(
    label: "find_film",
    commands: [
      "(find|book|get) (me|us) (tickets|two seats|seats) for {film} (|in {city}) <maybe-when> <maybe-time>",
      "(show|list) the (times|showings) of {film} (|in {city}) <maybe-when>",
      "(play|start|put on) the film {film} <maybe-room>",
      "(stream|watch) {film} on the {device} <maybe-when>",
      "book {film} for {party} <maybe-when>",
    ],
    sentences: [
      "(is|when is) {film} (on|showing|playing) in {city} <maybe-when>",
      "what time does {film} (start|begin) (|in {city}) <maybe-when>",
      "(I'd like|I want) to (see|watch) {film} (|with {person}) <maybe-when>",
      "who (directed|stars in|made) {film}",
      "is {film} (any good|worth it|very long)",
      "what's on at the cinema in {city} <when>",
      "{person} told me about {film} , where can we see it",
      "does {film} have music by {artist}",
    ]),
]

/// What may come before a command, and how often (a share of all).
let demoOpenings: [(weight: Int, words: String)] = [
  (40, ""), (10, "please"), (9, "can you"), (9, "could you"), (5, "could you please"), (4, "would you"),
  (4, "I need you to"), (3, "I want you to"), (3, "go ahead and"), (3, "hey ,"), (3, "hey , can you"), (2, "just"),
  (2, "when you have a moment ,"), (2, "be so kind and"), (1, "quickly"),
]

/// What may come after any sentence.
let demoClosings: [(weight: Int, words: String)] = [
  (74, ""), (9, "please"), (4, "thanks"), (3, "for me"), (3, ", thank you"), (2, "if you can"), (2, "would you"),
  (2, "right away"), (1, ", will you"),
]
