import { Button, type ButtonProps } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { saveFile } from '../api.ts';
import { notifyError } from './notices.tsx';

type DownloadButtonProps = Omit<ButtonProps, 'onClick' | 'loading' | 'leftSection'> & {
  /** `addressOf('GET /api/customers.csv', { query })` */
  address: string;
  fileName: string;
  children: ReactNode;
};

/** Fetches the file first: a large export may ask who one is, and a refusal is said on the page. */
export const DownloadButton = ({ address, fileName, children, ...rest }: DownloadButtonProps) => {
  const [busy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    await saveFile(address, fileName).catch(notifyError);
    setBusy(false);
  };
  return (
    <Button
      variant="default"
      {...rest}
      leftSection={<IconDownload size={16} aria-hidden />}
      loading={busy}
      onClick={() => void download()}
    >
      {children}
    </Button>
  );
};
