//! The ways to say a fact: one relation after the other, with its phrasings.
//!
//! A phrasing has `{}` for the subject and ends where the answer begins, so that the answer follows
//! from the words before it. A subject that begins a sentence is capitalised.

use crate::facts::{BOOKS, COUNTRIES, INVENTIONS, LANDMARKS, PAINTINGS};

/// One kind of fact, the ways to say it, and every subject with its answer.
pub struct Relation {
    /// What the report calls it.
    pub name: &'static str,
    /// Ways to ask. The last [`Relation::HELD_OUT_PHRASINGS`] are kept from some of the subjects.
    pub phrasings: &'static [&'static str],
    /// `(subject, answer)`.
    pub facts: Vec<(&'static str, &'static str)>,
}

impl Relation {
    /// How many phrasings, counted from the end, are never seen for the held-out subjects.
    pub const HELD_OUT_PHRASINGS: usize = 2;
}

/// Every relation, in a fixed order.
pub fn relations() -> Vec<Relation> {
    vec![
        Relation {
            name: "landmark -> city",
            phrasings: &[
                "{} is in the city of",
                "{} is located in the city of",
                "You can visit {} in the city of",
                "The city where you find {} is",
                "{} stands in the heart of",
                "Which city is home to {}? The answer is",
                "Tourists who want to see {} travel to the city of",
                "{} is a famous sight of the city of",
            ],
            facts: LANDMARKS
                .iter()
                .map(|&(landmark, city, _)| (landmark, city))
                .collect(),
        },
        Relation {
            name: "landmark -> country",
            phrasings: &[
                "{} is in the country of",
                "{} is located in the country of",
                "The country where you find {} is",
                "{} is a national symbol of",
                "To see {} you need a ticket to the country of",
                "{} belongs to the country of",
            ],
            facts: LANDMARKS
                .iter()
                .map(|&(landmark, _, country)| (landmark, country))
                .collect(),
        },
        Relation {
            name: "city -> country",
            phrasings: &[
                "{} is a city in",
                "The city of {} is in the country of",
                "People who live in {} live in the country of",
                "{} is one of the best known cities of",
                "The country around the city of {} is",
                "A train to {} takes you to the country of",
            ],
            facts: cities(),
        },
        Relation {
            name: "country -> capital",
            phrasings: &[
                "The capital of {} is",
                "The capital city of {} is",
                "The government of {} sits in the city of",
                "{} is governed from the city of",
                "If you ask for the capital of {}, the answer is",
                "{} is a country whose capital is",
            ],
            facts: COUNTRIES
                .iter()
                .map(|country| (country.name, country.capital))
                .collect(),
        },
        Relation {
            name: "country -> language",
            phrasings: &[
                "People in {} speak",
                "The language of {} is",
                "The official language of {} is",
                "Newspapers in {} are written in",
                "Children in {} learn to read in",
                "To live in {} you should learn",
            ],
            facts: COUNTRIES
                .iter()
                .map(|country| (country.name, country.language))
                .collect(),
        },
        Relation {
            name: "country -> currency",
            phrasings: &[
                "The currency of {} is the",
                "People in {} pay with the",
                "The money used in {} is the",
                "Shops in {} take the",
                "The central bank of {} prints the",
                "Before you travel to {}, buy some of its currency, the",
            ],
            facts: COUNTRIES
                .iter()
                .map(|country| (country.name, country.currency))
                .collect(),
        },
        Relation {
            name: "country -> continent",
            phrasings: &[
                "{} is on the continent of",
                "{} lies on the continent of",
                "The continent of {} is",
                "On a map, {} is part of",
                "Geographers count {} as part of",
            ],
            facts: COUNTRIES
                .iter()
                .map(|country| (country.name, country.continent))
                .collect(),
        },
        Relation {
            name: "invention -> inventor",
            phrasings: &[
                "{} was invented by",
                "The inventor of {} was",
                "{} is the invention of",
                "The person who invented {} was",
                "We owe {} to the inventor",
                "The patent for {} carries the name of",
            ],
            facts: INVENTIONS.to_vec(),
        },
        Relation {
            name: "book -> author",
            phrasings: &[
                "{} was written by",
                "The author of {} is",
                "The writer who gave us {} was",
                "On the cover of {} you read the name of",
                "{} is a book by",
                "In school we read {} by",
            ],
            facts: BOOKS.to_vec(),
        },
        Relation {
            name: "painting -> painter",
            phrasings: &[
                "{} was painted by",
                "The painter of {} was",
                "The artist behind {} was",
                "{} is a painting by",
                "In the museum hangs {} by",
            ],
            facts: PAINTINGS.to_vec(),
        },
    ]
}

/// Every city named in the tables with its country, each once, in the order of first mention.
fn cities() -> Vec<(&'static str, &'static str)> {
    let of_landmarks = LANDMARKS.iter().map(|&(_, city, country)| (city, country));
    let capitals = COUNTRIES.iter().map(|country| (country.capital, country.name));
    let mut cities: Vec<(&str, &str)> = Vec::new();
    for (city, country) in of_landmarks.chain(capitals) {
        if cities.iter().all(|&(known, _)| known != city) {
            cities.push((city, country));
        }
    }
    cities
}
