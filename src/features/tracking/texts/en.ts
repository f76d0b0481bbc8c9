/** Every sentence of tracking that people read. */
export const en = {
  'tracking.title': 'Tracking',
  'tracking.permission.read': 'See tracking, events and rejected events',
  'tracking.permission.manage': 'Make and revoke write keys',
  'tracking.table.event': 'What happened',
  'tracking.table.rejected': 'Events that were refused',
  'tracking.timeline.kind': 'Shop activity',
  'tracking.timeline.event': '{{name}}',

  'tracking.figure.lag': 'Events: oldest that is not yet visible everywhere',
  'tracking.figure.pending': 'Events waiting to be processed',
  'tracking.figure.copying': 'Events on their way to ClickHouse',

  'tracking.reason.not_an_object': 'A call is one JSON object, as Segment\'s HTTP API describes. Send {"type": "track", ...}.',
  'tracking.reason.no_batch': 'A batch is an object with a list named "batch". Put the calls in that list.',
  'tracking.reason.unknown_type':
    'The type "{{type}}" is not one of identify, track, page, screen, group, alias. Set "type" to one of these.',
  'tracking.reason.no_identity': 'Nothing says who it was. Send a userId or an anonymousId.',
  'tracking.reason.bad_id': '{{field}} is not an id. Send a text of at most 255 characters.',
  'tracking.reason.no_event_name': 'A track call needs the name of the event. Send it as "event".',
  'tracking.reason.name_too_long': 'The name of the event is longer than 200 characters. Put what varies into properties.',
  'tracking.reason.too_large': 'One event may be 32 kB. Send less in its properties.',
  'tracking.reason.too_deep': 'The properties nest deeper than 30 levels. Send flatter properties.',
  'tracking.reason.not_key_values': '"{{part}}" is not an object. Send names and values.',
  'tracking.reason.bad_timestamp': '"{{timestamp}}" is not a time. Send ISO 8601, for example 2026-01-31T12:00:00Z.',
  'tracking.reason.too_old': '"{{timestamp}}" lies before 2000: most likely a clock that was not set. Send the time it happened.',
  'tracking.reason.in_future':
    '"{{timestamp}}" lies more than a day ahead: most likely a clock that is wrong. Send the time it happened, and "sentAt".',
  'tracking.reason.no_previous_id': 'An alias call needs the id used before. Send it as "previousId".',
  'tracking.reason.bad_consent':
    'A consent needs a "channel" ({{channels}}) and a "state": "subscribed" or "unsubscribed". Correct it and send it again.',
  'tracking.reason.blocked':
    'Nothing usable says who it was: a placeholder, an id that many people share, or somebody who was erased. Nothing is kept of it.',
  'tracking.reason.failed': 'It could not be processed. Please report this with the event as it is shown here.',
} as const;
