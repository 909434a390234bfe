export function TransferView({ id }: { readonly id: string }) {
  return <h1>Transfer {id}</h1>;
}
