import { Tabs, Text } from '@mantine/core';
import { oneOf, Panel, useQueryOf, useTexts, useUrl } from '../../../ui/index.ts';
import { CodeBox } from './code-box.tsx';
import { snippetCode } from './snippet-code.ts';

const kinds = ['custom', 'tag', 'shopify', 'woocommerce'] as const;

/** The code by kind of shop, with the address that shoppers reach this installation at. */
export const SnippetCode = ({ writeKey }: { writeKey: string }) => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ shop: oneOf(kinds, 'custom') });
  const door = useQueryOf('GET /v1/projects/:key/settings', { params: { key: writeKey } });
  const host = hostOf(door.data) ?? window.location.origin;
  const code = snippetCode({ host, writeKey });
  return (
    <Panel title={t('tracking.snippet.code')} description={t('tracking.snippet.code_hint')}>
      <Tabs value={url.shop} onChange={shop => setUrl({ shop: shop as 'custom' })} keepMounted={false}>
        <Tabs.List mb="md">
          {kinds.map(kind => (
            <Tabs.Tab key={kind} value={kind}>
              {t(`tracking.snippet.kind.${kind}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {kinds.map(kind => (
          <Tabs.Panel key={kind} value={kind}>
            <Text size="sm" mb="sm">
              {t(`tracking.snippet.kind.${kind}_hint`)}
            </Text>
            <CodeBox label={t(`tracking.snippet.kind.${kind}`)} code={code[kind]} />
          </Tabs.Panel>
        ))}
      </Tabs>
      {/^https?:\/\/(127\.|localhost)/.test(host) && (
        <Text size="sm" mt="md" c="dimmed">
          {t('tracking.snippet.only_here', { host })}
        </Text>
      )}
    </Panel>
  );
};

/** The settings door names the address that shoppers use (PUBLIC_URL, else the one that was asked). */
const hostOf = (settings: Record<string, unknown> | undefined): string | null => {
  const own = (settings?.integrations as { 'Segment.io'?: { apiHost: string; protocol: string } } | undefined)?.['Segment.io'];
  return own ? `${own.protocol}://${own.apiHost.replace(/\/v1$/, '')}` : null;
};
