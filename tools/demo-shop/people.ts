/** Made-up people. Addresses under .invalid (RFC 2606) reach nobody; telephone numbers are of ranges kept for films and books. */
import type { Random } from './random.ts';

export type Country = 'GB' | 'DE' | 'FR' | 'NL' | 'AT' | 'IE' | 'ES' | 'IT' | 'SE' | 'PL';

type Place = {
  weight: number;
  language: string;
  first: string;
  last: string;
  cities: string;
  phone: ((random: Random) => string) | null;
};

const digits = (random: Random, count: number): string => Array.from({ length: count }, () => random.whole(0, 9)).join('');

/** Ofcom, Bundesnetzagentur and ARCEP publish ranges for drama use; where a country has none, nobody has a number. */
const ukPhone = (random: Random): string =>
  random.weighted([
    [() => `+44 7700 900${digits(random, 3)}`, 3],
    [() => `+44 20 7946 0${digits(random, 3)}`, 2],
    [() => `+44 161 496 0${digits(random, 3)}`, 1],
    [() => `+44 117 496 0${digits(random, 3)}`, 1],
    [() => `+44 131 496 0${digits(random, 3)}`, 1],
    [() => `+44 113 496 0${digits(random, 3)}`, 1],
  ])();
const germanPhone = (random: Random): string =>
  `+49 ${random.pick(['30 23125', '40 66969', '69 90009', '89 99998', '221 4710'])} ${digits(random, 3)}`;
const frenchPhone = (random: Random): string =>
  `+33 ${random.pick(['6 39 98', '1 99 00', '4 65 71'])} ${digits(random, 2)} ${digits(random, 2)}`;

const places: Record<Country, Place> = {
  GB: {
    weight: 32,
    language: 'en-GB',
    first:
      'Olivia Amelia Isla Ava Freya Grace Poppy Charlotte Evie Sophie Hannah Eleanor Megan Priya Zara Oliver George Harry Noah Jack Leo Arthur Oscar Thomas James William Henry Callum Rhys Imran',
    last: 'Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker Thompson White Edwards Hughes Green Hall Wood Harris Clarke Shah Begum Bennett Fletcher Whitaker Ashworth Pemberton Holloway Marsh Redfern',
    cities: 'London Manchester Bristol Leeds Edinburgh Glasgow Brighton Sheffield Cardiff Norwich York Bath',
    phone: ukPhone,
  },
  DE: {
    weight: 22,
    language: 'de-DE',
    first:
      'Anna Lena Marie Julia Katharina Lea Hannah Sophie Clara Johanna Greta Ida Frieda Miriam Ayşe Lukas Jonas Felix Paul Maximilian Jakob Moritz Anton Friedrich Matthias Stefan Jürgen Tobias Emre Henning',
    last: 'Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schröder Neumann Zimmermann Krüger Hartmann Lange Krause Lehmann Köhler Yılmaz Brandt Vogt Reuter Albers Petersen',
    cities: 'Berlin Hamburg München Köln Leipzig Frankfurt Freiburg Bremen Dresden Münster Göttingen Kiel',
    phone: germanPhone,
  },
  FR: {
    weight: 11,
    language: 'fr-FR',
    first:
      'Camille Manon Chloé Léa Inès Jeanne Louise Amandine Élodie Nadia Lucas Hugo Louis Gabriel Arthur Nathan Étienne Mathieu Karim Benoît',
    last: 'Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia Roux Fontaine Chevalier Benali Girard',
    cities: 'Paris Lyon Nantes Bordeaux Lille Toulouse Rennes Strasbourg Montpellier',
    phone: frenchPhone,
  },
  NL: {
    weight: 9,
    language: 'nl-NL',
    first: 'Sanne Emma Julia Fleur Lotte Anouk Femke Marijke Daan Sem Bram Thijs Jeroen Maarten Ruben Sven',
    last: 'deJong Jansen deVries vandenBerg vanDijk Bakker Visser Smit Meijer deBoer Mulder deGroot Bos Vos Peters Hendriks',
    cities: 'Amsterdam Utrecht Rotterdam Haarlem Groningen Leiden Eindhoven',
    phone: null,
  },
  AT: {
    weight: 6,
    language: 'de-AT',
    first: 'Magdalena Theresa Elisabeth Verena Valentina Sabine Florian Dominik Sebastian Georg Andreas Christoph',
    last: 'Gruber Huber Bauer Wagner Pichler Steiner Moser Mayer Hofer Leitner Berger Fuchs Eder Schwarz',
    cities: 'Wien Graz Linz Salzburg Innsbruck',
    phone: null,
  },
  IE: {
    weight: 5,
    language: 'en-IE',
    first: 'Aoife Saoirse Ciara Niamh Róisín Emily Conor Seán Cian Oisín Patrick Darragh',
    last: "Murphy Kelly O'Sullivan Walsh O'Brien Byrne Ryan O'Connor Doyle McCarthy Gallagher Kennedy",
    cities: 'Dublin Cork Galway Limerick',
    phone: null,
  },
  ES: {
    weight: 5,
    language: 'es-ES',
    first: 'Lucía Martina Carmen Paula Elena Marta Pablo Álvaro Javier Sergio Andrés Diego',
    last: 'García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Ruiz Navarro Iglesias',
    cities: 'Madrid Barcelona Valencia Sevilla Bilbao',
    phone: null,
  },
  IT: {
    weight: 5,
    language: 'it-IT',
    first: 'Giulia Chiara Francesca Sofia Martina Elisa Luca Matteo Alessandro Lorenzo Marco Davide',
    last: 'Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Conti Moretti',
    cities: 'Milano Torino Bologna Roma Firenze',
    phone: null,
  },
  SE: {
    weight: 3,
    language: 'sv-SE',
    first: 'Elsa Astrid Linnéa Maja Ebba Karin Erik Lars Oskar Nils Gustav Axel',
    last: 'Andersson Johansson Karlsson Nilsson Eriksson Larsson Lindqvist Bergström Sandberg Åkesson',
    cities: 'Stockholm Göteborg Malmö Uppsala',
    phone: null,
  },
  PL: {
    weight: 2,
    language: 'pl-PL',
    first: 'Zuzanna Maja Agnieszka Katarzyna Piotr Tomasz Jakub Michał',
    last: 'Nowak Wiśniewski Wójcik Kamiński Lewandowski Zieliński Mazur Krawczyk',
    cities: 'Warszawa Kraków Wrocław Gdańsk',
    phone: null,
  },
};

export type Person = {
  firstName: string;
  lastName: string;
  email: string;
  phone: string | null;
  country: Country;
  city: string;
  language: string;
};

const mailHosts = ['mailbox.invalid', 'inbox.invalid', 'post.invalid', 'letters.invalid', 'webmail.invalid'];

/** Makes people one after the other, no two with the same address. */
export const openPeople = (random: Random): (() => Person) => {
  const taken = new Set<string>();
  const countries = Object.entries(places).map(([code, place]) => [code as Country, place.weight] as const);
  return () => {
    const country = random.weighted(countries);
    const place = places[country];
    const firstName = random.pick(place.first.split(' '));
    const lastName = random
      .pick(place.last.split(' '))
      .replace(/^(vanden|van|de)(?=[A-Z])/, particle => `${particle === 'vanden' ? 'van den' : particle} `);
    const local = `${plain(firstName)}${random.pick(['.', '.', '_', ''])}${plain(lastName)}`;
    const host = random.pick(mailHosts);
    let email = `${local}@${host}`;
    while (taken.has(email)) email = `${local}${random.whole(2, 99)}${random.chance(0.3) ? random.whole(0, 9) : ''}@${host}`;
    taken.add(email);
    return {
      firstName,
      lastName,
      email,
      phone: place.phone && random.chance(0.55) ? place.phone(random) : null,
      country,
      city: random.pick(place.cities.split(' ')),
      language: place.language,
    };
  };
};

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .replaceAll('ı', 'i')
    .replaceAll('ł', 'l')
    .normalize('NFD')
    .replace(/[^a-z]/g, '');
