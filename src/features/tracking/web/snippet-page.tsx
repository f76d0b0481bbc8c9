/** Install the snippet: which key, the code, what it asks visitors for, whether it has been seen, who is logged in. */
import { Button, Select } from '@mantine/core';
import {
  type AnswerOf,
  EmptyState,
  Loaded,
  PageHeader,
  Panel,
  Rows,
  text,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { SnippetCheck } from './snippet-check.tsx';
import { SnippetCode } from './snippet-code-panel.tsx';
import { SnippetConsent } from './snippet-consent.tsx';
import { SnippetSigning } from './snippet-signing.tsx';

type WriteKey = AnswerOf<'GET /api/write-keys'>['data'][number];
type Shop = AnswerOf<'GET /api/shops'>['data'][number];

const SnippetPage = () => {
  const t = useTexts();
  const keys = useQueryOf('GET /api/write-keys');
  const shops = useQueryOf('GET /api/shops');
  return (
    <>
      <PageHeader title={t('tracking.snippet.title')} description={t('tracking.snippet.description')} />
      <Loaded query={shops}>
        {shopList => (
          <Loaded query={keys}>
            {keyList => (
              <Installed
                keys={keyList.data.filter(key => key.kind === 'browser' && !key.revoked_at)}
                shops={shopList.data.filter(shop => shop.kind !== 'demo')}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  );
};
export default SnippetPage;

const Installed = ({ keys, shops }: { keys: readonly WriteKey[]; shops: readonly Shop[] }) => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ key: text() });
  const own = keys.filter(key => shops.some(shop => shop.id === key.shop_id));
  const chosen = own.find(key => key.id === url.key) ?? own[0];
  if (!chosen) return <NoKey shop={shops[0]} />;
  const nameOf = (key: WriteKey) => `${shops.find(shop => shop.id === key.shop_id)?.name ?? ''} · ${key.name}`;
  return (
    <Rows>
      {own.length > 1 && (
        <Panel>
          <Select
            label={t('tracking.snippet.key')}
            description={t('tracking.snippet.key_hint')}
            allowDeselect={false}
            maw={460}
            data={own.map(key => ({ value: key.id, label: nameOf(key) }))}
            value={chosen.id}
            onChange={key => setUrl({ key: key ?? '' })}
          />
        </Panel>
      )}
      <SnippetCheck keyId={chosen.id} />
      <SnippetCode writeKey={chosen.shown} />
      <SnippetConsent keyId={chosen.id} />
      <SnippetSigning shopId={chosen.shop_id} />
    </Rows>
  );
};

const NoKey = ({ shop }: { shop: Shop | undefined }) => {
  const t = useTexts();
  const mayManage = useMay('tracking:manage');
  const create = useMutationOf('POST /api/write-keys', { invalidates: ['/api/write-keys'] });
  return (
    <Panel>
      <EmptyState
        title={t('tracking.snippet.no_key')}
        action={
          mayManage &&
          shop && (
            <Button
              loading={create.isPending}
              onClick={() => create.mutate({ body: { shop_id: shop.id, kind: 'browser', name: t('tracking.snippet.key_name') } })}
            >
              {t('tracking.snippet.make_key')}
            </Button>
          )
        }
      >
        {t(mayManage ? 'tracking.snippet.no_key_text' : 'tracking.snippet.no_key_ask')}
      </EmptyState>
    </Panel>
  );
};
