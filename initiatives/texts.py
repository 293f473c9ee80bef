"""The help on our pages that KL can change. Each stands in a template as ``{% help_text %}``."""

from stakeholders.texts import Text, register

register(
    Text(
        "forside",
        "Forsiden: om national status og søjlen",
        "National status er KL’s vurdering. Søjlen viser, hvad kommunerne selv har svaret. "
        "Det ene regnes aldrig ud fra det andet.",
    )
)
register(
    Text(
        "kort",
        "Kortet: om felterne",
        "Hver kommune har ét lige stort felt. Tallet er antal gennemførte anbefalinger. "
        "Overskriften tæller dem, der har gennemført mere end halvdelen af det, der tæller for dem.",
    )
)
register(
    Text(
        "vores-status",
        "Vores status: mens runden er åben",
        "{kommune} svarer på de {antal} anbefalinger, der er rettet mod kommunerne. Svarene gælder pr. {dag}. "
        "Er intet ændret, så tryk Uændret. Frist: {frist}.",
        examples={
            "kommune": "Korsbæk Kommune",
            "antal": 20,
            "dag": "7. maj 2027",
            "frist": "fredag den 7. maj 2027",
        },
        required=("frist",),
    )
)
register(
    Text(
        "ingen-runde",
        "Vores status: når ingen runde er åben",
        "Når KL åbner en runde, svarer {kommune} her. I får en e-mail, når det sker.",
        examples={"kommune": "Korsbæk Kommune"},
    )
)
register(
    Text(
        "indsend",
        "Vores status: før svarene bliver indsendt",
        "Når svarene er indsendt, kan alle kommuner og KL se dem. De interne noter kan kun kommunen selv og KL se.",
    )
)
register(
    Text(
        "runder",
        "Statusrunder: øverst på listen",
        "En runde spørger alle kommuner om de anbefalinger, der er rettet mod dem. Kun én runde er åben ad gangen.",
    )
)
register(
    Text(
        "ny-runde",
        "Statusrunder: når en runde bliver planlagt",
        "Runden åbner af sig selv kl. 0 på dagen. Du kan også åbne den med det samme.",
    )
)
register(
    Text(
        "luk-runde",
        "Statusrunder: før en runde bliver lukket",
        "Kommunerne kan ikke svare mere. Det, der ikke er indsendt, bliver bevaret som udkast. "
        "Runden kan ikke åbnes igen for alle, kun for en kommune ad gangen.",
    )
)
register(
    Text(
        "min-side",
        "Min side, for en kommune",
        "Her står, hvad {kommune} mangler, hvornår det skal være klar, og hvad der er sket med det, I har indsendt.",
        examples={"kommune": "Korsbæk Kommune"},
    )
)
register(
    Text(
        "min-side-kl",
        "Min side, for KL",
        "Her står, hvad KL mangler: indberetninger, der venter på godkendelse, og nationale statusser, "
        "som ingen har set på længe.",
    )
)
register(
    Text(
        "forslag",
        "Cases: forslag fra kommunerne",
        "Kommunerne foreslår selv deres lokale indsatser. KL skriver en kopi, ser den igennem og publicerer den, "
        "eller sender forslaget tilbage med en kommentar.",
    )
)
register(
    Text(
        "noegletal",
        "Nøgletal: øverst på listen",
        "Hvert tal står, som kilden skriver det, og med sin egen definition. "
        "Tal, der ikke er enige, står hver for sig.",
    )
)
register(
    Text(
        "login",
        "Log på",
        "Her følger kommunerne og KL op på anbefalingerne i handleplanen. "
        "Alle kan se planen og den nationale status uden at logge på.",
    )
)
