"""Mistakes as an editor makes them: what was done, the file, and its text. Each is the only one of its file."""

MISTAKES: tuple[tuple[str, str, str], ...] = (
    (
        "una virgoletta mai chiusa",
        "courses/errore-1/index.md",
        '---\ntitle: "Algebra\nabstract: Vettori.\n---\nTesto.\n',
    ),
    ("due punti in un titolo", "courses/errore-2/index.md", "---\ntitle: Algebra: un inizio\n---\nTesto.\n"),
    ("una tabulazione", "courses/errore-3/index.md", "---\ntitle: Algebra\nruns:\n\t- key: a\n---\nTesto.\n"),
    (
        "una chiocciola all'inizio",
        "courses/errore-4/index.md",
        "---\ntitle: Algebra\nabstract: @polimi lo dice\n---\nTesto.\n",
    ),
    (
        "un asterisco all'inizio",
        "courses/errore-5/index.md",
        "---\ntitle: Algebra\nabstract: *Vettori* e matrici\n---\nTesto.\n",
    ),
    ("un rientro di troppo", "courses/errore-6/index.md", "---\ntitle: Algebra\n  subject: mathematics\n---\nTesto.\n"),
    ("senza spazio dopo i due punti", "courses/errore-7/index.md", "---\ntitle:Algebra\n---\nTesto.\n"),
    (
        "un campo scritto due volte",
        "courses/errore-8/index.md",
        "---\ntitle: Algebra\nweeks: 4\nweeks: 6\n---\nTesto.\n",
    ),
    (
        "una parentesi mai chiusa",
        "courses/errore-9/index.md",
        "---\ntitle: Algebra\naudiences: [pupils, students\nweeks: 6\n---\nTesto.\n",
    ),
    ("un commento dopo un testo", "courses/errore-10/index.md", "---\ntitle: C # e altri linguaggi\n---\nTesto.\n"),
    ("la seconda riga --- manca", "courses/errore-11/index.md", "---\ntitle: Algebra\n\nTesto.\n"),
    ("il file comincia senza campi", "courses/errore-12/index.md", "Algebra lineare\n\nTesto.\n"),
    (
        "un campo che non esiste",
        "courses/errore-13/index.md",
        "---\ntitle: Algebra\ntitel: Algebra lineare\n---\nTesto.\n",
    ),
    (
        "un valore che non esiste",
        "courses/errore-14/index.md",
        "---\ntitle: Algebra\nsubject: matematica\n---\nTesto.\n",
    ),
    ("una persona sola", "courses/errore-15/index.md", "---\ntitle: Algebra\ncredits: ada-rossi\n---\nTesto.\n"),
    ("argomenti senza parentesi", "courses/errore-16/index.md", "---\ntitle: Algebra\ntopics: math\n---\nTesto.\n"),
    (
        "un'immagine con il solo nome",
        "courses/errore-17/index.md",
        "---\ntitle: Algebra\nimage: cover.jpg\n---\nTesto.\n",
    ),
    (
        "un'alternativa senza lingua",
        "courses/errore-18/index.md",
        "---\ntitle: Algebra\nimage:\n  src: cover.jpg\n  alt: Una lavagna\n---\nTesto.\n",
    ),
    (
        "un'edizione fuori dall'elenco",
        "courses/errore-19/index.md",
        "---\ntitle: Algebra\nruns:\n  key: a\n  label: Uno\n---\nTesto.\n",
    ),
    (
        "un contatto in una riga",
        "press/2026/errore-20.md",
        "---\ntitle: Uno\npublished: 2026-03-01\ncontact: Ufficio stampa\n---\nTesto.\n",
    ),
    ("il titolo vuoto", "courses/errore-21/index.md", '---\ntitle: ""\nweeks: 6\n---\nTesto.\n'),
    ("una data all'italiana", "courses/errore-22/index.md", "---\ntitle: Algebra\nupdated: 01/12/2026\n---\nTesto.\n"),
    ("un giorno che non c'è", "courses/errore-23/index.md", "---\ntitle: Algebra\nupdated: 2026-02-30\n---\nTesto.\n"),
    (
        "un'edizione che finisce prima",
        "courses/errore-24/index.md",
        "---\ntitle: Algebra\nruns:\n  - key: a\n    label: Uno\n    starts: 2026-03-01\n    ends: 2026-02-01\n---\n",
    ),
    ("un'ora senza fuso", "videos/errore-25.md", "---\ntitle: Lezione\npublished: 2026-03-01T18:00\n---\nTesto.\n"),
    ("un numero a parole", "courses/errore-26/index.md", "---\ntitle: Algebra\nweeks: sei\n---\nTesto.\n"),
    ("un numero negativo", "courses/errore-27/index.md", "---\ntitle: Algebra\nweekly_hours: -2\n---\nTesto.\n"),
    (
        "un indirizzo senza https",
        "courses/errore-28/index.md",
        "---\ntitle: Algebra\nruns:\n  - key: a\n    label: Uno\n    url: www.pok.polimi.it\n---\nTesto.\n",
    ),
    (
        "un corso che richiede sé stesso",
        "courses/errore-29/index.md",
        "---\ntitle: Algebra\nprerequisites: [errore-29]\n---\nTesto.\n",
    ),
    ("un riferimento sbagliato", "courses/errore-30/index.md", "---\ntitle: Algebra\nstrand: mat\n---\nTesto.\n"),
    ("una licenza inventata", "courses/errore-31/index.md", "---\ntitle: Algebra\nlicense: CC-BY-SA\n---\nTesto.\n"),
    (
        "una lingua in maiuscolo",
        "courses/errore-32/index.md",
        "---\ntitle: Algebra\nteaching_langs: [IT]\n---\nTesto.\n",
    ),
    ("una lingua che il sito non ha", "courses/errore-33/index.fr.md", "---\ntitle: Algèbre\n---\nTexte.\n"),
    ("un dato nella traduzione", "courses/fisica/index.en.md", "---\ntitle: Algebra\nweeks: 6\n---\nText.\n"),
    (
        "un link a un file che non c'è",
        "courses/errore-35/index.md",
        "---\ntitle: Algebra\n---\nSi veda [la dispensa](dispensa.pdf).\n",
    ),
    (
        "un link a un'ancora che non c'è",
        "courses/errore-36/index.md",
        "---\ntitle: Algebra\n---\nSi veda [sotto](#programma).\n",
    ),
    ("un'immagine senza alternativa", "courses/errore-38/index.md", "---\ntitle: Algebra\n---\n![](lavagna.jpg)\n"),
    (
        "un'immagine su un altro sito",
        "courses/errore-39/index.md",
        "---\ntitle: Algebra\n---\n![Una lavagna](https://example.org/lavagna.jpg)\n",
    ),
    (
        "un numero che non c'è",
        "courses/errore-40/index.md",
        "---\ntitle: Algebra\n---\nSono {figure:pok.learner} persone.\n",
    ),
    (
        "un titolo con un solo cancelletto",
        "courses/errore-41/index.md",
        "---\ntitle: Algebra\n---\n# Programma\n\nTesto.\n",
    ),
    ("un titolo senza spazio", "courses/errore-42/index.md", "---\ntitle: Algebra\n---\n##Programma\n\nTesto.\n"),
    (
        "un video incorporato con HTML",
        "courses/errore-43/index.md",
        '---\ntitle: Algebra\n---\n<iframe src="https://example.org/v"></iframe>\n',
    ),
    (
        "una formula che non finisce",
        "courses/errore-44/index.md",
        "---\ntitle: Algebra\n---\nVale $$\\frac{1}{2$$ sempre.\n",
    ),
    (
        "una serie che scende",
        "snapshots/enrollments/fisica.csv",
        "# source: noi\nday,total\n2026-01-01,100\n2026-02-01,90\n",
    ),
    (
        "una serie con la data al contrario",
        "snapshots/enrollments/chimica.csv",
        "# source: noi\nday,total\n01-02-2026,90\n",
    ),
    ("un nome con le maiuscole", "topics/Fisica_Moderna.md", "---\ntitle: Fisica moderna\n---\nTesto.\n"),
    ("un file nella cartella sbagliata", "corsi/algebra.md", "---\ntitle: Algebra\n---\nTesto.\n"),
    (
        "un alias con l'indirizzo completo",
        "courses/errore-49/index.md",
        "---\ntitle: Algebra\naliases: [https://www.pok.polimi.it/corsi/vecchio/]\n---\nTesto.\n",
    ),
    ("una voce rientrata di due spazi", "courses/errore-50/index.md", "---\ntitle: Algebra\n---\n- uno\n  - due\n"),
    (
        "un nome con altre maiuscole",
        "courses/errore-52/index.md",
        "---\ntitle: Algebra\n---\n![Una lavagna](Lavagna.JPG)\n",
    ),
    ("un riquadro senza testo", "courses/errore-53/index.md", "---\ntitle: Algebra\n---\n!!! nota\n    \n"),
    ("un anno lontano", "courses/errore-54/index.md", "---\ntitle: Algebra\nupdated: 2226-01-01\n---\nTesto.\n"),
    (
        "una chiave ripetuta",
        "courses/errore-55/index.md",
        "---\ntitle: Algebra\nruns:\n  - key: a\n    label: Uno\n  - key: a\n    label: Due\n---\nTesto.\n",
    ),
)
"""Mistakes in items, files of numbers and names."""

ADDRESSES: tuple[tuple[str, str, str], ...] = (
    (
        "un link a un indirizzo che non c’è",
        "courses/errore/index.md",
        "---\ntitle: Algebra\n---\nSi veda [il corso](/corsi/fisicaa/).\n",
    ),
    ("un rinvio senza barra", "redirects.yaml", "- from: corsi/vecchio\n  to: /corsi/fisica/\n"),
)
"""Mistakes that are looked for where there are no others."""
