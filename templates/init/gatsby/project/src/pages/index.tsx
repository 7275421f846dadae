export default function Index() {
  return <h1>App</h1>;
}
