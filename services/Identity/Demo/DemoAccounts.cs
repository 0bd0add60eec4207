using Tutti.ServiceDefaults;

namespace Tutti.Identity.Demo;

/// <summary>An invented person of the demo.</summary>
/// <param name="Id">Fixed, so that scripts can name the person.</param>
/// <param name="Login">What they type to sign in.</param>
/// <param name="Name">Name as shown to others.</param>
/// <param name="Group">Research group or institution.</param>
/// <param name="Roles">Roles, scoped ones as <c>role@scope</c>.</param>
public sealed record DemoAccount(Guid Id, string Login, string Name, string Group, params IReadOnlyList<string> Roles);

/// <summary>The people of the demo: everybody who takes part in the life of a proposal. There only while configuration asks for them.</summary>
public static class DemoAccounts
{
    /// <summary>Configuration that asks for them: <c>true</c> seeds them at start, anything else ends the accounts of those who are there.</summary>
    public const string Setting = "Tutti:Identity:DemoAccounts";

    /// <summary>The password of all of them.</summary>
    public const string Password = "tutti";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DemoAccount> All { get; } =
    [
        new(Number(1), "maria", "Maria Horvat", "slo-battery", Roles.Proposer),
        new(Number(2), "luka", "Luka Zupan", "slo-battery", Roles.Proposer),
        new(Number(3), "nina", "Nina Babic", "hr-electro", Roles.BoardAdvisor),
        new(Number(4), "tomas", "Tomas Kranjc", "slo-battery", Roles.BoardAdvisor),
        new(Number(5), "elena", "Elena Ricci", "elettra", $"{Roles.FacilityStaff}@elettra"),
        new(Number(6), "janez", "Janez Mlakar", "ki", $"{Roles.FacilityStaff}@ki"),
        new(Number(7), "agnes", "Agnes Szalai", "bnc", $"{Roles.FacilityStaff}@bnc"),
        new(Number(8), "pavel", "Pavel Dvorak", "cz-surface", Roles.PanelMember),
        new(Number(9), "petra", "Petra Lang", "at-scattering", Roles.PanelMember),
        new(Number(10), "paula", "Paula Vidmar", "slo-battery", Roles.PanelMember),
        new(Number(11), "kira", "Kira Sartori", "elettra", $"{Roles.CellKeeper}@elettra"),
        new(Number(12), "olga", "Olga Wolf", "user-office", Roles.UserOffice),
        new(Number(13), "oscar", "Oscar Toth", "operations", Roles.Operator),
        new(Number(14), "dario", "Dario Conti", "elettra", $"{Roles.FacilityDirector}@elettra"),
        new(Number(15), "ina", "Ina Berger", "cellco", Roles.Proposer),
        new(Number(16), "viktor", "Viktor Leitner", "at-cells", Roles.BoardAdvisor),
    ];

    private static Guid Number(int number) => new($"01900000-0000-7000-8000-{number:D12}");
}
