export default function Home() {
  return <h1>App</h1>;
}
