"""Every fixed word of the web page, German and English side by side, so that neither can be forgotten."""

from valeo_erp.printing.formats import Language

WORDS: dict[str, tuple[str, str]] = {
    # the frame
    "skip": ("Zum Inhalt springen", "Skip to content"),
    "navigation": ("Hauptmenü", "Main menu"),
    "invoices": ("Rechnungen", "Invoices"),
    "new_invoice": ("Neue Rechnung", "New invoice"),
    "api": ("Schnittstelle", "API"),
    "sign_in": ("Anmelden", "Sign in"),
    "sign_out": ("Abmelden", "Sign out"),
    "signed_out": ("Sie sind abgemeldet.", "You are signed out."),
    "sign_in_again": ("Wieder anmelden", "Sign in again"),
    "language": ("Sprache", "Language"),
    "development_title": ("Warnung", "Warning"),
    "development": (
        "Entwicklungs-Anmeldung: Hier kann sich jeder ohne Passwort als jeder anmelden. Nicht für echte Geschäfte.",
        "Development sign-in: anybody can sign in here as anybody, without a password. Not for real business.",
    ),
    "live_waiting": ("Verbinde …", "Connecting …"),
    "live_on": ("Live", "Live"),
    "live_off": ("Getrennt", "Offline"),
    "live_hint": ("Änderungen anderer erscheinen von selbst", "Changes of others appear by themselves"),
    "back_to_list": ("Zur Liste", "Back to the list"),
    # the page behind the QR code of a paper
    "verify": ("Echtheit eines Belegs", "Is a document genuine?"),
    "genuine": ("Der Beleg ist echt.", "The document is genuine."),
    "genuine_hint": (
        "So wurde er ausgestellt. Nummer, Datum und Betrag auf Ihrem Papier müssen dieselben sein.",
        "It was issued like this. Number, date and amount on your paper must be the same.",
    ),
    "not_genuine": ("Der Beleg ist nicht echt.", "The document is not genuine."),
    "not_genuine_hint": (
        "Unter diesem Code wurde hier nichts ausgestellt. Fragen Sie den Aussteller auf einem Weg, den Sie kennen.",
        "Nothing was issued here under this code. Ask the sender in a way that you know.",
    ),
    # the list
    "filter": ("Filter", "Filter"),
    "state": ("Status", "State"),
    "all_states": ("Alle", "All"),
    "search": ("Suche", "Search"),
    "search_hint": ("Nummer, Kunde oder Bemerkung", "Number, customer or note"),
    "apply": ("Anwenden", "Apply"),
    "number": ("Nummer", "Number"),
    "customer": ("Kunde", "Customer"),
    "document_date": ("Rechnungsdatum", "Invoice date"),
    "supply_date": ("Leistungsdatum", "Date of supply"),
    "due_date": ("Fällig", "Due"),
    "gross": ("Brutto", "Gross"),
    "net": ("Netto", "Net"),
    "none_found": ("Keine Rechnung gefunden.", "No invoice found."),
    "no_number": ("ohne Nummer", "no number"),
    "more": ("Mehr anzeigen", "Show more"),
    "export_csv": ("Export CSV", "Export CSV"),
    "export_xlsx": ("Export Excel", "Export Excel"),
    # one invoice
    "invoice": ("Rechnung", "Invoice"),
    "reversal": ("Stornorechnung", "Reversal"),
    "print": ("PDF drucken", "Print PDF"),
    "edit": ("Bearbeiten", "Edit"),
    "lines": ("Positionen", "Lines"),
    "position": ("Pos.", "Pos."),
    "item": ("Artikel", "Item"),
    "description": ("Bezeichnung", "Description"),
    "quantity": ("Menge", "Quantity"),
    "unit": ("Einheit", "Unit"),
    "unit_price": ("Einzelpreis", "Unit price"),
    "per": ("je", "per"),
    "discount": ("Rabatt %", "Discount %"),
    "tax": ("USt", "VAT"),
    "tax_on": ("USt {rate} auf {net}", "VAT {rate} on {net}"),
    "net_total": ("Nettobetrag", "Net total"),
    "gross_total": ("Gesamtbetrag", "Gross total"),
    "note": ("Bemerkung", "Note"),
    "reverses": ("Storniert eine andere Rechnung", "Reverses another invoice"),
    "reversed_by": ("Wurde storniert", "Was reversed"),
    "open_it": ("anzeigen", "show it"),
    "actions": ("Nächste Schritte", "Next steps"),
    "no_actions": ("Hier ist alles getan.", "Everything is done here."),
    "not_now": ("Nicht möglich:", "Not possible:"),
    "reason": ("Grund", "Reason"),
    "reason_hint": ("Steht im Verlauf und kann nicht geändert werden.", "Kept in the history; it cannot be changed."),
    "cancel_dialog": ("Abbrechen", "Cancel"),
    "history": ("Verlauf", "History"),
    "refused": ("abgelehnt", "refused"),
    "correlation": ("Vorgangsnummer", "Correlation id"),
    # the form
    "edit_invoice": ("Rechnung bearbeiten", "Edit invoice"),
    "choose": ("bitte wählen …", "please choose …"),
    "line": ("Position", "Line"),
    "own_unit": ("wie Artikel", "as item"),
    "list_price": ("Listenpreis", "List price"),
    "add_line": ("Position hinzufügen", "Add a line"),
    "remove_line": ("Position entfernen", "Remove line"),
    "totals": ("Summen", "Totals"),
    "totals_waiting": (
        "Die Summen rechnet der Server, sobald eine Position vollständig ist.",
        "The server computes the totals as soon as one line is complete.",
    ),
    "save": ("Als Entwurf speichern", "Save as draft"),
    "save_changes": ("Änderungen speichern", "Save changes"),
    "optional": ("leer: vom Server ergänzt", "empty: filled in by the server"),
    "document_date_hint": ("leer: heute", "empty: today"),
    "supply_date_hint": ("leer: Rechnungsdatum", "empty: invoice date"),
    "due_date_hint": ("leer: nach Zahlungsziel", "empty: by the payment terms"),
    # problems
    "problem": ("Das ging nicht.", "That did not work."),
    "problem_nothing_lost": ("Ihre Eingaben sind noch da.", "What you typed is still there."),
    "to_start": ("Zur Startseite", "To the start page"),
    "sign_in_lost": (
        "Die Anmeldung gehört nicht zu diesem Browser oder ist zu lange her.",
        "The sign-in does not belong to this browser, or it is too long ago.",
    ),
    "reload": ("Neu laden", "Reload"),
    # states
    "draft": ("Entwurf", "Draft"),
    "submitted": ("Vorgelegt", "Submitted"),
    "approved": ("Freigegeben", "Approved"),
    "rejected": ("Abgelehnt", "Rejected"),
    "posted": ("Gebucht", "Posted"),
    "reversed": ("Storniert", "Reversed"),
    "cancelled": ("Verworfen", "Cancelled"),
    # actions
    "submit": ("Vorlegen", "Submit"),
    "withdraw": ("Zurückziehen", "Withdraw"),
    "approve": ("Freigeben", "Approve"),
    "reject": ("Ablehnen", "Reject"),
    "rework": ("Überarbeiten", "Rework"),
    "revoke": ("Freigabe zurücknehmen", "Revoke approval"),
    "cancel": ("Verwerfen", "Cancel invoice"),
    "post": ("Buchen", "Post"),
    "reverse": ("Stornieren", "Reverse"),
    # what was done, in the history
    "did_create": ("Angelegt", "Created"),
    "did_edit": ("Geändert", "Changed"),
    "did_submit": ("Vorgelegt", "Submitted"),
    "did_withdraw": ("Zurückgezogen", "Withdrawn"),
    "did_approve": ("Freigegeben", "Approved"),
    "did_reject": ("Abgelehnt", "Rejected"),
    "did_rework": ("Zur Überarbeitung geöffnet", "Opened for rework"),
    "did_revoke": ("Freigabe zurückgenommen", "Approval revoked"),
    "did_cancel": ("Verworfen", "Cancelled"),
    "did_post": ("Gebucht", "Posted"),
    "did_reverse": ("Storniert", "Reversed"),
    "did_print": ("Gedruckt", "Printed"),
    # roles
    "operator": ("Sachbearbeitung", "Operator"),
    "manager": ("Leitung", "Manager"),
    "accountant": ("Buchhaltung", "Accountant"),
    "admin": ("Verwaltung", "Admin"),
    # units
    "t": ("t", "t"),
    "dt": ("dt", "dt"),
    "kg": ("kg", "kg"),
    "l": ("l", "l"),
    "piece": ("Stück", "piece"),
}

PROBLEMS: dict[str, str] = {
    "four_eyes": "Vier-Augen-Prinzip: Sie haben diese Rechnung vorgelegt oder zuletzt geändert; "
    "jemand anderes muss sie freigeben.",
    "scope_missing": "Ihre Rolle erlaubt das nicht.",
    "nothing_to_pay": "Der Gesamtbetrag muss größer als null sein.",
    "approval_stale": "Seit der Freigabe wurde etwas geändert; die Rechnung muss neu freigegeben werden.",
    "date_in_future": "Das Rechnungsdatum liegt in der Zukunft.",
    "is_reversal": "Eine Stornorechnung kann nicht storniert werden. Schreiben Sie eine neue Rechnung.",
    "transition": "Dieser Schritt ist im jetzigen Status nicht möglich.",
    "not_editable": "In diesem Status kann die Rechnung nicht geändert werden.",
    "party_unknown": "Diesen Kunden gibt es nicht.",
    "party_inactive": "Dieser Kunde ist nicht mehr aktiv.",
    "item_unknown": "Diesen Artikel gibt es nicht.",
    "item_inactive": "Dieser Artikel ist nicht mehr aktiv.",
    "unit_mismatch": "Diese Einheit passt nicht zum Artikel.",
    "no_tax_rate": "Für das Leistungsdatum gibt es keinen Steuersatz.",
    "amount_too_large": "Der Betrag ist zu groß; prüfen Sie Menge und Preis.",
    "due_before_document": "Die Fälligkeit liegt vor dem Rechnungsdatum.",
    "reason_missing": "Bitte geben Sie einen Grund an.",
    "version_conflict": "Jemand hat die Rechnung inzwischen geändert. Laden Sie neu, bevor Sie weitermachen.",
    "not_found": "Das gibt es hier nicht.",
    "no_lines": "Tragen Sie mindestens eine Position ein.",
    "missing": "Bitte ausfüllen.",
    "uuid_parsing": "Bitte wählen.",
    "not_a_number": "Das ist keine Zahl.",
    "not_a_date": "Das ist kein Datum.",
    "decimal_parsing": "Das ist keine Zahl.",
    "decimal_max_places": "Zu viele Nachkommastellen.",
    "decimal_max_digits": "Die Zahl ist zu lang.",
    "decimal_whole_digits": "Die Zahl ist zu groß.",
    "greater_than": "Die Zahl muss größer sein.",
    "greater_than_equal": "Die Zahl ist zu klein.",
    "less_than_equal": "Die Zahl ist zu groß.",
    "finite_number": "Das ist keine Zahl.",
    "date_from_datetime_parsing": "Das ist kein Datum.",
    "date_parsing": "Das ist kein Datum.",
    "string_too_long": "Der Text ist zu lang.",
    "string_too_short": "Bitte ausfüllen.",
    "string_pattern_mismatch": "Der Text enthält unerlaubte Zeichen.",
    "session_ended": "Die Sitzung ist abgelaufen. Bitte melden Sie sich neu an.",
    "foreign_origin": "Nur die Seite dieser Installation darf das.",
    "period_closed": "Die Buchungsperiode ist geschlossen.",
    "database_unreachable": "Die Datenbank ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.",
    "identity_provider_unreachable": "Der Anmeldedienst ist gerade nicht erreichbar. "
    "Bitte versuchen Sie es gleich noch einmal.",
    "tenant_missing": "Ihr Benutzerkonto ist keinem Mandanten zugeordnet.",
    "tenant_unknown": "Der Mandant Ihres Benutzerkontos ist hier nicht eingerichtet.",
    "sign_in_refused": "Der Anmeldedienst hat die Anmeldung nicht angenommen.",
}
"""What the API says in English, in German, by its stable code. What is not here is shown as the API says it."""


def word(key: str, language: Language) -> str:
    """One fixed text."""
    german, english = WORDS[key]
    return german if language is Language.GERMAN else english


def problem_words(code: str, message: str, language: Language) -> str:
    """What a failing guard is called on the page."""
    return PROBLEMS.get(code, message) if language is Language.GERMAN else message


def did(action: str, language: Language) -> str:
    """What an entry of the history is called; a new kind of entry is shown by its own name."""
    key = f"did_{action}"
    return word(key, language) if key in WORDS else action
