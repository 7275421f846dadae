import { IonApp, IonContent, IonPage, setupIonicReact } from '@ionic/react';
import '@ionic/react/css/core.css';

setupIonicReact();

export default function App() {
  return (
    <IonApp>
      <IonPage>
        <IonContent>App</IonContent>
      </IonPage>
    </IonApp>
  );
}
