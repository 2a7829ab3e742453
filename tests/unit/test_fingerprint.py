from itertools import chain

from pipeline.fingerprint import distance, fingerprint

BODY = (
    "Le conseil régional de Sikasso a adopté jeudi un budget de trois milliards de francs pour la réfection des routes rurales. "
    "Les élus ont débattu toute la journée avant de voter à une large majorité. Le président du conseil a promis des travaux avant "
    "la saison des pluies, et demandé aux maires de désigner les pistes les plus abîmées. L'opposition a voté contre, faute d'un "
    "calendrier précis. Les transporteurs, eux, attendent de voir : les deux derniers budgets n'ont pas été exécutés."
)


def test_it_is_the_same_on_every_machine():
    assert fingerprint("Le marché de Kayes a rouvert ses portes jeudi") == "450712541931c6f1"


def test_an_empty_body_gives_zeros():
    assert fingerprint("") == fingerprint(" \n...") == "0" * 16


def test_case_accents_and_spacing_do_not_count():
    assert fingerprint(BODY.upper().replace("É", "E").replace(" ", "  ")) == fingerprint(BODY)


def test_a_syndicated_copy_is_near_and_another_text_is_far():
    copy = "BAMAKO (AFP) - " + BODY.replace("toute la journée ", "")
    other = " ".join(chain.from_iterable(zip(BODY.split()[::2], BODY.split()[1::-2], strict=False)))
    assert distance(fingerprint(BODY), fingerprint(copy)) <= 16
    assert distance(fingerprint(BODY), fingerprint(other)) >= 20
