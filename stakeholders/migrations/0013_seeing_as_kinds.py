from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stakeholders', '0012_old_sessions_are_gone'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accessentry',
            name='kind',
            field=models.CharField(choices=[('signed_in', 'Loggede på'), ('sign_in_refused', 'Login afvist'), ('signed_out', 'Loggede af'), ('password_changed', 'Skiftede adgangskode'), ('password_reset', 'Valgte ny adgangskode med link'), ('factor_added', 'Tilføjede totrinslogin'), ('factor_removed', 'Fjernede totrinslogin'), ('factor_reset', 'Nulstillede en brugers totrinslogin'), ('session_ended', 'Afsluttede et login på en anden enhed'), ('read', 'Læste'), ('exported', 'Hentede en fil'), ('role_given', 'Gav en rolle'), ('role_changed', 'Ændrede en rolle'), ('role_ended', 'Fjernede en rolle'), ('invitation_withdrawn', 'Trak en invitation tilbage'), ('account_closed', 'Lukkede en konto'), ('account_opened', 'Åbnede en konto igen'), ('user_changed', 'Ændrede en brugers oplysninger'), ('user_erased', 'Anonymiserede en bruger'), ('erasure_asked', 'Bad om at blive slettet'), ('own_data', 'Hentede sine egne oplysninger'), ('seeing_as_began', 'Begyndte at se som en bruger'), ('seeing_as_ended', 'Holdt op med at se som en bruger')], max_length=30, verbose_name='hændelse'),
        ),
    ]
