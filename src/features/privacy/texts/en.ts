/** Every sentence of this feature that people read. */
export const en: Record<string, string> = {
  'privacy.permission.read': 'See privacy requests and processing records',
  'privacy.permission.write': 'Work on privacy requests and legal holds',
  'privacy.permission.manage': 'Change retention rules and processing records',
  'privacy.table.request': 'Privacy requests',
  'privacy.table.hold': 'Legal holds',
  'privacy.task.access': 'Privacy request: send their data by {{day}}',
  'privacy.task.portability': 'Privacy request: hand over their data by {{day}}',
  'privacy.task.erasure': 'Privacy request: erase by {{day}}',
  'privacy.task.objection': 'Privacy request: objection, answer by {{day}}',
  'privacy.task.change': 'Privacy request: correct their data by {{day}}',
  'privacy.task.note': 'Open it at {{link}}',
};
