/** Hands a downloaded file to the browser under a name. */
export const saveFile = (file: Blob | unknown, name: string): void => {
  const blob = file instanceof Blob ? file : new Blob([JSON.stringify(file, null, 2)], { type: 'application/json' });
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};
