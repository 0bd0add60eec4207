using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Allocating;

/// <summary>Why an experiment has no place, in words.</summary>
internal static class Reasons
{
    /// <summary>Somebody who plans does not want it there.</summary>
    public const string ForbiddenByDesk = "forbidden-by-desk";

    /// <summary>It was locked at a place for which the pool lacks something.</summary>
    public const string LockedPlaceRefused = "locked-place-refused";

    /// <summary>It was taken out by hand.</summary>
    public const string RemovedByHand = "removed-by-hand";

    /// <summary>The team cannot come.</summary>
    public const string TeamDeclined = "team-declined";

    /// <summary>The instrument gives no beam then.</summary>
    public const string BeamLost = "beam-lost";

    /// <summary>The team has taken back that it comes.</summary>
    public const string TeamCancelled = "team-cancelled";

    /// <summary>The cell cannot be used.</summary>
    public const string CellWithdrawn = "cell-withdrawn";

    /// <summary>The equipment cannot be used.</summary>
    public const string EquipmentWithdrawn = "equipment-withdrawn";

    /// <summary>The team said nothing until the deadline.</summary>
    public const string TeamSilent = "team-silent";

    /// <summary>Whether people keep it out, and can have it in again.</summary>
    public static bool IsOfPeople(string code) => code is ForbiddenByDesk or LockedPlaceRefused or RemovedByHand or TeamDeclined or TeamSilent or TeamCancelled;

    /// <summary>A code of <see cref="UnplacedReasons"/> with its words.</summary>
    public static PlanRefusal Of(string code) => new()
    {
        Code = code,
        Text = code switch
        {
            UnplacedReasons.NotWorthItsCost => "There is a place for it, but it costs more (dates, changes of an instrument) than the experiment brings.",
            UnplacedReasons.NotLookedAt => "In the time that was given nobody looked why.",
            UnplacedReasons.NoOpenShifts => "The instrument has no open shifts in the period of the call.",
            UnplacedReasons.RunTooShort => "It needs more shifts in a row than the instrument gives.",
            UnplacedReasons.WindowTooSmall => "There is no place for it in the period of the call.",
            UnplacedReasons.StartNotAllowed => "There is room only in shifts with which no experiment may begin.",
            UnplacedReasons.CellRefused => "The cell pool has no cell for it at any time that is left.",
            UnplacedReasons.EquipmentRefused => "No laboratory has the equipment for it at any time that is left.",
            PoolStock.CellsOut => "Every cell of its design is lent, on its way or out of service at the times that are left.",
            PoolStock.EquipmentOut => "Every piece of the equipment that it needs is lent or out of service at the times that are left.",
            UnplacedReasons.TeamAway => "The team is away.",
            UnplacedReasons.StaffAway => "The staff of the instrument is away.",
            UnplacedReasons.InstrumentQuota => "The instrument's shifts for users are all given.",
            UnplacedReasons.SiteQuota => "The site has given all the shifts that the call has of it.",
            UnplacedReasons.WeekFull => "Those who look after the instrument have as much in the week as they can do.",
            UnplacedReasons.CountryMaximum => "Its country or institution has as many shifts as the call gives it.",
            UnplacedReasons.SetUp => "There is no time to clean, prepare or change the instrument.",
            UnplacedReasons.SampleElsewhere => "Its sample is at another experiment, or on the way.",
            UnplacedReasons.NoContact => "No local contact of the instrument is free.",
            UnplacedReasons.InstrumentFull => "Other experiments have the shifts of the instrument.",
            UnplacedReasons.SourceBusy => "An instrument on the same source is running.",
            UnplacedReasons.TeamClash => "The team is at another experiment, or on the way.",
            UnplacedReasons.Order => "Order and gaps to the other experiments leave no place.",
            UnplacedReasons.ProposalIncomplete => "It would fit, but another required experiment of its proposal does not.",
            UnplacedReasons.GroupIncomplete => "It would fit, but another experiment to which its team ties it does not.",
            UnplacedReasons.NoJointPlacement => "Each experiment of the proposal fits alone, but not all together.",
            ForbiddenByDesk => "Those who plan do not want it at the times that are left.",
            LockedPlaceRefused => "It was put there by hand, and stays out until somebody puts it elsewhere.",
            RemovedByHand => "It was taken out of the plan by hand.",
            TeamDeclined => "The team has declined the shifts that were offered.",
            TeamSilent => "The team did not answer the offer in time.",
            BeamLost => "The instrument gives no beam at the time it was promised.",
            TeamCancelled => "The team does not come.",
            CellWithdrawn => "The cell that was held for it cannot be used.",
            EquipmentWithdrawn => "The equipment that was held for it cannot be used.",
            _ => code,
        },
    };
}
