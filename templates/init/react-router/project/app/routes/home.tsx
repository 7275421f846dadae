export default function Home() {
  return <main>A project of its own.</main>;
}
