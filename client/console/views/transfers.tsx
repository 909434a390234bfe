export function Transfers() {
  return <h1>Transfers</h1>;
}
