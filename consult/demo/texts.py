"""The words of the demo: tables, consultations, open answers; all written for it (floor 10)."""

from consult.core.textmap import TextMap


def both(fr: str, en: str) -> TextMap:
    """Return a text in both languages."""
    return TextMap({"fr": fr, "en": en})


PURPOSE = both(
    "La table réunit des patientes et des patients, des personnes proches aidantes, des citoyennes et des citoyens. Ensemble, ces personnes disent à l’établissement ce qui compte pour la santé dans leur milieu.",
    "The table brings together patients, caregivers and members of the public. Together they tell the institution what matters for health in their community.",
)
MANDATE = both(
    "Consulter la population, choisir des priorités en santé durable et obtenir une réponse officielle à chacune.",
    "Consult the population, choose sustainable-health priorities and obtain an official answer to each one.",
)

COMMON = {
    "promise": both(
        "Nous lirons toutes les réponses. Nous dirons ce qui a été retenu, ce qui ne l’a pas été, et pourquoi.",
        "We will read every answer. We will say what was kept, what was not, and why.",
    ),
    "can_change": both(
        "- L’ordre des **priorités** de l’établissement.\n- L’horaire et le lieu des services.\n- L’information donnée aux gens.",
        "- The order of the institution’s **priorities**.\n- The hours and places of services.\n- The information given to people.",
    ),
    "cannot_change": both(
        "- Le budget total de l’établissement.\n- Les lois et les conventions de travail.",
        "- The institution’s total budget.\n- Laws and collective agreements.",
    ),
    "who": both(
        "Toute personne de 14 ans et plus qui vit, travaille ou reçoit des soins sur le territoire.",
        "Anyone aged 14 or over who lives, works or receives care in the area.",
    ),
    "notice_who": both(
        "La table consultative et le CISSS de la Rivière-aux-Aulnes (établissement fictif).",
        "The advisory table and the CISSS de la Rivière-aux-Aulnes (a fictional institution).",
    ),
    "notice_why": both(
        "Pour connaître vos besoins et choisir les priorités en santé du territoire.",
        "To learn about your needs and choose the area’s health priorities.",
    ),
    "notice_how": both(
        "Vous répondez sans donner votre nom. Vos réponses sont rangées sous une clé que seul votre code permet de retrouver. Seules les personnes nommées par la table lisent les réponses écrites.",
        "You answer without giving your name. Your answers are stored under a key that only your code can find. Only people named by the table read written answers.",
    ),
    "notice_rights": both(
        "Avec votre code, vous pouvez relire, corriger ou retirer vos réponses. Vous pouvez aussi porter plainte à la personne responsable de la protection des renseignements personnels.",
        "With your code you can read, correct or withdraw your answers. You can also complain to the person in charge of privacy.",
    ),
    "notice_retention": both(
        "Les réponses sont gardées 24 mois, puis détruites.",
        "Answers are kept for 24 months, then destroyed.",
    ),
    "necessity": both(
        "Aucune donnée existante ne dit ce que vivent les gens de ce territoire. Le questionnaire ne demande que ce qui sert à choisir les priorités.",
        "No existing data tells what people of this area live through. The questionnaire asks only what serves to choose priorities.",
    ),
    "ethics": both(
        "Sensibilité moyenne : des réponses écrites peuvent parler de santé. Aucune question n’identifie une personne, et chacune peut être laissée sans réponse.",
        "Medium sensitivity: written answers may speak of health. No question identifies anybody, and each may be left unanswered.",
    ),
}

CONSULTATIONS = {
    "bien-vieillir": {
        "title": both("Bien vieillir chez soi", "Aging well at home"),
        "summary": both(
            "Que faut-il pour rester chez soi longtemps, en sécurité et bien entouré? La table veut vous entendre.",
            "What does it take to stay at home for a long time, safe and well supported? The table wants to hear from you.",
        ),
    },
    "se-deplacer": {
        "title": both("Se déplacer, manger, se loger", "Getting around, eating, housing"),
        "summary": both(
            "Le transport, la nourriture et le logement changent la santé. Dites ce qui aiderait le plus dans votre milieu.",
            "Transport, food and housing change people’s health. Say what would help most in your community.",
        ),
    },
}

DRAFT_TITLE = both("Un plan pour les canicules", "")
DRAFT_SUMMARIES = (
    both(
        "Quand il fait très chaud, qui va voir les gens seuls? La table prépare un plan.",
        "When it is very hot, who looks in on people who live alone? The table is preparing a plan.",
    ),
    both(
        "Quand il fait très chaud **plusieurs jours de suite**, qui va voir les gens seuls? La table prépare un plan pour l’été.",
        "When it is very hot, who looks in on people who live alone? The table is preparing a plan.",
    ),
)
EXTENSION = both(
    "La tempête a fermé les points de service une semaine; les gens doivent avoir le temps de répondre.",
    "The storm closed the service points for a week; people must have the time to answer.",
)

WHO = {
    "fr": ("Pour ma mère,", "Chez nous,", "Dans mon immeuble,", "Depuis un an,", "Honnêtement,"),
    "en": ("For my mother,", "Where I live,", "In my building,", "For a year now,", "Honestly,"),
}
WHAT = {
    "fr": (
        "il faudrait un transport le soir et la fin de semaine.",
        "on attend trop longtemps avant qu’une personne vienne à la maison.",
        "un appel par semaine ferait déjà une grande différence.",
        "les papiers de sortie de l’hôpital ne sont pas clairs.",
        "du répit une fin de semaine par mois nous sauverait.",
        "la popote roulante est ce qui aide le plus.",
        "on ne sait jamais qui appeler en premier.",
        "il fait trop chaud l’été et personne ne passe nous voir.",
    ),
    "en": (
        "we would need a ride in the evening and on weekends.",
        "it takes too long before someone comes to the house.",
        "one phone call a week would already make a big difference.",
        "the discharge papers are only in French.",
        "one weekend of respite a month would save us.",
        "meals on wheels is what helps most.",
        "we never know whom to call first.",
        "it gets too hot in summer and nobody checks on us.",
    ),
}
MORE = {
    "fr": (
        "Les gens seuls n’osent pas demander.",
        "Ma voisine a 84 ans et ne conduit plus.",
        "Merci de nous le demander.",
        "On en parle depuis des années.",
        "C’est encore plus difficile l’hiver.",
        "Un numéro à appeler, avec une vraie personne, suffirait.",
    ),
    "en": (
        "People who live alone do not dare to ask.",
        "My neighbour is 84 and no longer drives.",
        "Thank you for asking us.",
        "We have talked about it for years.",
        "It is even harder in winter.",
        "One number to call, with a real person, would be enough.",
    ),
}
NAMES = (
    "Rachel Bouchard", "Normand Côté", "Joan Harper", "Louise Pelletier", "Karim Benali",
    "Thérèse Fortin", "Martin Lavoie", "Grace O’Neil", "Huguette Morin", "David Cohen",
    "Isabelle Gauthier", "Paul McKenzie", "Ginette Ouellet", "Samuel Nguyen", "Claire Dubé",
    "Robert Lévesque", "Anna Kowalski", "Denis Bélanger", "Marie-Ève Caron", "Joseph Awashish",
)  # fmt: skip
