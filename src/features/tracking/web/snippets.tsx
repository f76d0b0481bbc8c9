import { Tabs } from '@mantine/core';
import { type AnswerOf, oneOf, Panel, useTexts, useUrl } from '../../../ui/index.ts';
import { CodeBox } from './code-box.tsx';

type WriteKey = AnswerOf<'GET /api/write-keys'>['data'][number];

const tabs = ['curl', 'node', 'browser'] as const;

/** Ready to paste: the address is that of this installation, the key the newest that can be shown. */
export const Snippets = ({
  keys,
  fresh,
}: {
  keys: readonly WriteKey[];
  fresh: { key: string; kind: WriteKey['kind'] } | null;
}) => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ how: oneOf(tabs, 'curl') });
  const host = window.location.origin;
  const browserKey =
    fresh?.kind === 'browser'
      ? fresh.key
      : (keys.find(key => key.kind === 'browser' && !key.revoked_at)?.shown ?? t('tracking.snippets.browser_key'));
  const secretKey = fresh?.kind === 'secret' ? fresh.key : t('tracking.snippets.secret_key');
  const code: Record<(typeof tabs)[number], string> = {
    curl: `curl ${host}/v1/track \\
  -u '${secretKey}:' \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "1001", "event": "Product Viewed",
       "properties": {"sku": "TEA-42", "price": 9.5}}'`,
    node: `// npm install @segment/analytics-node
import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({
  writeKey: '${secretKey}',
  host: '${host}',
});
analytics.identify({ userId: '1001', traits: { email: 'ana@example.com' } });
analytics.track({ userId: '1001', event: 'Product Viewed', properties: { sku: 'TEA-42', price: 9.5 } });`,
    browser: `// npm install @segment/analytics-next
import { AnalyticsBrowser } from '@segment/analytics-next';

const analytics = AnalyticsBrowser.load({
  writeKey: '${browserKey}',
  cdnURL: '${host}',
});
analytics.page();
analytics.track('Product Viewed', { sku: 'TEA-42', price: 9.5 });`,
  };
  return (
    <Panel title={t('tracking.snippets.title')} description={t('tracking.snippets.description')}>
      <Tabs value={url.how} onChange={how => setUrl({ how: how as 'curl' })} keepMounted={false}>
        <Tabs.List mb="md">
          {tabs.map(tab => (
            <Tabs.Tab key={tab} value={tab}>
              {t(`tracking.snippets.${tab}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(tab => (
          <Tabs.Panel key={tab} value={tab}>
            <CodeBox label={t(`tracking.snippets.${tab}`)} code={code[tab]} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Panel>
  );
};
