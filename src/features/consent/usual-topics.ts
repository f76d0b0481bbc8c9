/** The topics most shops have, ready to add. */
import type { Channel } from './consent.ts';
import type { TopicWords } from './topics.ts';

const words = (name: string, description: string, frequency: string): TopicWords => ({ name, description, frequency });

export const usualTopics: readonly { code: string; channels: Channel[]; texts: Record<string, TopicWords> }[] = [
  {
    code: 'newsletter',
    channels: ['email'],
    texts: {
      en: words('Newsletter', 'What is going on in the shop.', 'About once a month.'),
      de: words('Newsletter', 'Was es im Shop Neues gibt.', 'Etwa einmal im Monat.'),
    },
  },
  {
    code: 'sales',
    channels: ['email', 'sms'],
    texts: {
      en: words('Sales and offers', 'Reduced prices and codes, before they end.', 'A few times a season.'),
      de: words('Angebote', 'Reduzierte Preise und Gutscheine, solange sie gelten.', 'Ein paar Mal pro Saison.'),
    },
  },
  {
    code: 'new-arrivals',
    channels: ['email'],
    texts: {
      en: words('New arrivals', 'New things of the kind you have bought.', 'At most once a week.'),
      de: words('Neu eingetroffen', 'Neues von der Art, die du gekauft hast.', 'Höchstens einmal pro Woche.'),
    },
  },
  {
    code: 'restocks',
    channels: ['email', 'sms'],
    texts: {
      en: words(
        'Back in stock',
        'When something you waited for is there again, or runs out at your place.',
        'Only when it happens.',
      ),
      de: words('Wieder da', 'Wenn etwas wieder lieferbar ist oder bei dir zu Ende geht.', 'Nur wenn es so weit ist.'),
    },
  },
  {
    code: 'tips',
    channels: ['email'],
    texts: {
      en: words('Tips', 'How to use and care for what you bought.', 'After a purchase.'),
      de: words('Tipps', 'Wie du nutzt und pflegst, was du gekauft hast.', 'Nach einem Kauf.'),
    },
  },
];
